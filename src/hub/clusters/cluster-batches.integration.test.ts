import { startTestHub, type TestHub } from '#test/harness/hub';

const clusters = (from: number, count: number, region = 'eu') =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'flotilla.dev/v1',
    kind: 'Cluster',
    metadata: { name: `many-${from + index}`, labels: { tier: 'web' } },
    spec: { region },
  }));

interface Item {
  id: string;
  name: string;
  lifecycle: string;
  join?: { joinToken: string };
}

describe('clusters by the batch', () => {
  let hub: TestHub;

  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  const post = (path: string, body: object) => hub.request.post(`/api/v1/batch/clusters/${path}`).send(body);

  it('registers what is missing, with a token each and its own row in the audit, and leaves what is there', async () => {
    const first = await post('register', { clusters: clusters(0, 300) }).expect(200);
    const tokens = (first.body.items as Item[]).map(({ join }) => join?.joinToken);
    expect(new Set(tokens).size).toBe(300);
    const again = await post('register', { clusters: clusters(200, 200, 'us') }).expect(200);
    const items = again.body.items as Item[];
    expect(items.filter(({ join }) => join !== undefined)).toHaveLength(100);
    const audited = await hub.database.one(`SELECT count(*)::int AS rows FROM audit WHERE action = 'cluster.register'`);
    expect(audited).toEqual({ rows: 400 });
    const roots = await hub.database.one('SELECT count(*)::int AS rows FROM roots');
    expect(roots).toEqual({ rows: 400 });
    const { body } = await hub.request.get('/api/v1/clusters/many-250').expect(200);
    expect(body).toMatchObject({ metadata: { labels: { tier: 'web' }, version: 1 }, spec: { region: 'eu' } });
  });

  it('makes new join tokens for all that are named, or for none', async () => {
    const { body } = await post('join-tokens', { names: ['many-1', 'many-2'] }).expect(200);
    expect((body.items as Item[]).map(({ join }) => typeof join?.joinToken)).toEqual(['string', 'string']);
    const before = await hub.database.query('SELECT token_hash FROM join_tokens ORDER BY 1');
    const { body: refused } = await post('join-tokens', { names: ['many-3', 'nobody'] }).expect(404);
    expect(refused.detail).toContain('"nobody"');
    await hub.request.post('/api/v1/clusters/many-4/revoke').expect(200);
    const { body: revoked } = await post('join-tokens', { names: ['many-3', 'many-4'] }).expect(409);
    expect(revoked.detail).toContain('many-4 is revoked');
    expect((await hub.database.query('SELECT token_hash FROM join_tokens ORDER BY 1')).length).toBe(before.length - 1);
  });

  it('deregisters what is named, and passes over what is not there', async () => {
    const { body } = await post('deregister', { names: ['many-7', 'nobody', 'many-5'] }).expect(200);
    expect((body.items as Item[]).map(({ name }) => name)).toEqual(['many-5', 'many-7']);
    await hub.request.get('/api/v1/clusters/many-5').expect(404);
  });

  it('refuses names that come twice and more than 500 of them', async () => {
    await post('register', { clusters: [...clusters(900, 1), ...clusters(900, 1)] }).expect(400);
    await post('register', { clusters: clusters(1_000, 501) }).expect(400);
    await post('deregister', { names: [] }).expect(400);
  });

  it('keeps to the scope of a token', async () => {
    const us = await hub.as({ role: 'admin', scope: { regions: ['us'] } });
    const foreign = await us.post('/api/v1/batch/clusters/register').send({ clusters: clusters(2_000, 1, 'eu') });
    expect(foreign.status).toBe(403);
    const taken = await us.post('/api/v1/batch/clusters/register').send({ clusters: clusters(1, 2, 'us') });
    expect(taken.status).toBe(409);
    await us
      .post('/api/v1/batch/clusters/join-tokens')
      .send({ names: ['many-1'] })
      .expect(404);
    const { body } = await us
      .post('/api/v1/batch/clusters/deregister')
      .send({ names: ['many-1'] })
      .expect(200);
    expect(body.items).toEqual([]);
    const viewer = await hub.as({ role: 'viewer' });
    await viewer
      .post('/api/v1/batch/clusters/register')
      .send({ clusters: clusters(3_000, 1) })
      .expect(403);
  });
});
