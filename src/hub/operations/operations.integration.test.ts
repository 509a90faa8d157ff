import { startTestHub, type TestHub } from '#test/harness/hub';
import { Metrics } from './metrics';
import { Readiness } from './readiness';

describe('operating a hub', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  it('says that it is alive, without a token', async () => {
    const answer = await hub.anonymous.get('/healthz');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'alive' });
  });

  it('is ready when database, migrations and log are', async () => {
    const answer = await hub.anonymous.get('/readyz');
    expect(answer.body).toMatchObject({ status: 'ready' });
    expect(answer.body.checks.map((check: { name: string }) => check.name)).toEqual([
      'database',
      'migrations',
      'log',
      'agents',
    ]);
  });

  it('measures requests by route, never by address', async () => {
    await hub.request.get('/api/v1/clusters/no-such-cluster');
    await hub.anonymous.get('/no/such/route');
    const { text, headers } = await hub.anonymous.get('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(
      /flotilla_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/clusters\/:name",status="404"\} 1/,
    );
    expect(text).toContain('route="(none)"');
    expect(text).not.toContain('no-such');
    expect(text).toMatch(/flotilla_database_connections\{state="idle"\} \d/);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('gives the same metric to whoever asks for its name', () => {
    const metrics = hub.app.get(Metrics);
    const options = { name: 'flotilla_test_total', help: 'For this test.' };
    expect(metrics.counter(options)).toBe(metrics.counter(options));
  });

  it('stays in the balancer when only what is not required fails, and leaves it otherwise', async () => {
    const readiness = hub.app.get(Readiness);
    const failing = () => Promise.reject(new Error('password=secret'));
    readiness.register({ name: 'nice to have', required: false, run: failing });
    expect(await readiness.outcome()).toMatchObject({ status: 'degraded' });
    readiness.register({ name: 'needed', required: true, run: failing });
    const answer = await hub.anonymous.get('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.body.status).toBe('unavailable');
    expect(answer.text).not.toContain('secret');
  });
});
