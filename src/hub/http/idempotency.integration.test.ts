import { startTestHub, type TestHub } from '#test/harness/hub';

describe('an Idempotency-Key', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  const register = (key: string, name: string, region = 'eu') =>
    hub.request.post('/api/v1/clusters').set('idempotency-key', key).send({ metadata: { name }, spec: { region } });

  it('gives the same answer again, and creates nothing more', async () => {
    const first = await register('key-1', 'once');
    const again = await register('key-1', 'once');
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers['etag']).toBe(first.headers['etag']);
    expect(again.headers['location']).toBe('/api/v1/clusters/once');
    expect(await hub.database.query(`SELECT 1 FROM audit WHERE resource_name = 'once'`)).toHaveLength(1);
  });

  it('keeps the answer sealed, for it carries a token', async () => {
    const { body } = await register('key-2', 'sealed');
    const rows = await hub.database.query<{ response: unknown }>(
      `SELECT response FROM idempotency_keys WHERE key = 'key-2'`,
    );
    expect(JSON.stringify(rows)).not.toContain(body.join.joinToken.slice(10, 40));
  });

  it('is not taken for another request', async () => {
    await register('key-3', 'third');
    const answer = await register('key-3', 'fourth');
    expect(answer.status).toBe(422);
    expect(answer.body.type).toContain('idempotency-key-reused');
    expect((await hub.request.get('/api/v1/clusters/fourth')).status).toBe(404);
  });

  it('belongs to one token', async () => {
    await register('key-4', 'fifth');
    const other = await hub.as({ role: 'admin' });
    const answer = await other
      .post('/api/v1/clusters')
      .set('idempotency-key', 'key-4')
      .send({ metadata: { name: 'sixth' }, spec: { region: 'eu' } });
    expect(answer.status).toBe(201);
  });

  it('is free again after a refusal', async () => {
    await register('key-5', 'taken');
    expect((await register('key-6', 'taken')).status).toBe(409);
    await hub.request.delete('/api/v1/clusters/taken');
    expect((await register('key-6', 'taken')).status).toBe(201);
  });

  it('lets one of many at the same time create', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => register('key-7', 'raced')));
    expect(await hub.database.query(`SELECT 1 FROM clusters WHERE name = 'raced'`)).toHaveLength(1);
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ body }) => body.join.joinToken)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer.status).toBe(409);
      expect(answer.body.type).toContain('in-progress');
      expect(answer.headers['retry-after']).toBe('1');
    }
  });

  it('must be of a reasonable form', async () => {
    expect((await register('x'.repeat(256), 'long')).status).toBe(400);
  });
});
