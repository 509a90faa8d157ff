import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#test/harness/eventually';
import { makeRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';

describe('the metrics of the ring', () => {
  let hub: TestHub;
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-metrics-'));

  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('count what goes from a commit to a root', async () => {
    const repository = await makeRepository(folder);
    await repository.commit({ 'app/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' });
    await hub.request
      .post('/api/v1/clusters')
      .send({ metadata: { name: 'one' }, spec: { region: 'eu' } })
      .expect(201);
    await hub.request
      .put('/api/v1/sources/s')
      .send({ metadata: { name: 's' }, spec: { url: folder } })
      .expect(201);
    const spec = { source: 's', path: 'app', placement: { all: true } };
    await hub.request
      .put('/api/v1/applications/app')
      .send({ metadata: { name: 'app' }, spec })
      .expect(201);
    await eventually(async () => {
      const { text } = await hub.anonymous.get('/metrics');
      expect(text).toMatch(/^flotilla_fetches_total\{outcome="fetched"\} 1$/m);
      expect(text).toMatch(/^flotilla_releases_total 1$/m);
      expect(text).toMatch(/^flotilla_authorisations_total\{kind="deliver"\} 1$/m);
      expect(text).toMatch(/^flotilla_roots_built_total [12]$/m);
      expect(text).toMatch(/^flotilla_stage_seconds_count\{stage="roots"\} \d+$/m);
    });
  });
});
