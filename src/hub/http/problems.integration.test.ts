import { startTestHub, type TestHub } from '#test/harness/hub';

describe('refusals', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  const post = (type: string, body: string) =>
    hub.request.post('/api/v1/clusters').set('content-type', type).send(body);

  it.each([
    ['no JSON', 400, 'malformed', () => post('application/json', '{"metadata":')],
    ['an empty body', 400, 'invalid', () => post('application/json', '')],
    ['another type', 415, 'unsupported-media-type', () => post('text/plain', 'name=a')],
    ['a list', 400, 'invalid', () => post('application/json', '[]')],
    ['a prototype', 400, 'malformed', () => post('application/json', '{"__proto__":{"a":1}}')],
    ['2 MiB', 413, 'too-large', () => post('application/json', JSON.stringify({ a: 'x'.repeat(2 * 1024 * 1024) }))],
    ['an unknown address', 404, 'not-found', () => hub.request.get('/api/v1/nothing')],
    ['an unknown name', 404, 'not-found', () => hub.request.get('/api/v1/clusters/nobody')],
    ['a zero byte in a name', 400, 'invalid', () => hub.request.get('/api/v1/clusters/a%00b')],
    ['a broken escape', 400, 'malformed', () => hub.request.get('/api/v1/clusters/%E0%A4%A')],
    [
      'a broken If-Match',
      400,
      'invalid',
      () => hub.request.patch('/api/v1/clusters/x').set('if-match', 'yesterday').send({}),
    ],
  ])('of %s are problem+json with status %i', async (_, status, slug, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: `https://flotilla.dev/problems/${slug}`,
      status,
      title: expect.any(String),
    });
    expect(answer.body.detail.length).toBeGreaterThan(5);
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    expect(answer.text).not.toMatch(/\.[jt]s:\d|node_modules/);
  });

  it('repeat the request id of the caller, unless it is harmful', async () => {
    const own = await hub.request.get('/api/v1/clusters/nobody').set('x-request-id', 'deploy-42');
    expect(own.body.requestId).toBe('deploy-42');
    const harmful = await hub.request.get('/api/v1/clusters/nobody').set('x-request-id', 'a b"c');
    expect(harmful.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(
      hub.logs.some((line) => line.includes('"requestId":"deploy-42"') && line.includes('"actor":"token:admin:')),
    ).toBe(true);
  });

  it('say nothing of what failed inside, and log it under the request id', async () => {
    await hub.database.execute('ALTER TABLE hosted_clusters RENAME TO hidden_away');
    const answer = await hub.request.get('/api/v1/clusters');
    await hub.database.execute('ALTER TABLE hidden_away RENAME TO hosted_clusters');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('hosted_clusters');
    const logged = hub.logs.find((line) => line.includes('request failed') && line.includes(answer.body.requestId));
    expect(logged).toContain('hosted_clusters');
  });

  it('need a token before anything else is said', async () => {
    for (const header of [
      undefined,
      'Basic YTpi',
      'Bearer nonsense',
      `Bearer flt_${'0'.repeat(32)}_${'a'.repeat(43)}`,
    ]) {
      const request = hub.anonymous.get('/api/v1/clusters/nobody');
      if (header !== undefined) void request.set('authorization', header);
      const answer = await request;
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBeDefined();
    }
  });
});
