import { randomBytes } from 'node:crypto';
import { type IssuedToken, TokenKeeper } from '#src/agent/hub/token';
import { identityFrom, identityReference, readIdentity } from '#src/agent/identity/identity';
import { systemRuntime } from '#src/agent/runtime';
import { eventually } from '#test/harness/eventually';
import { managedObjects, Ring } from './parts/ring';

/** A Secret with data is refused unless allowed; then it is sealed at rest, never cacheable, never in logs or lists. */
describe('secrets in Git', () => {
  let ring: Ring;
  const first = `first-${randomBytes(12).toString('hex')}`;
  const second = `second-${randomBytes(12).toString('hex')}`;
  const placement = { clusters: ['eu-1'] };
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  beforeAll(async () => {
    ring = await Ring.start({ logging: { level: 'debug' } });
    for (const name of ['eu-1', 'us-1']) await ring.addCluster(name);
    await ring.declareSource();
  });
  afterAll(() => ring?.stop());

  const secret = (password: string) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, stringData: { password } });
  const applied = () => managedObjects(ring.cluster('eu-1').kubernetes).get('Secret/login')?.['data'];
  /** In the open, in base64, in hex, and as a database shows bytes. */
  const forms = [first, second].flatMap((text) => [
    text,
    base64(text),
    base64(text).slice(0, -4),
    hex(text),
    hex(base64(text)),
  ]);

  function hex(text: string): string {
    return Buffer.from(text).toString('hex');
  }
  function expectNone(where: string, text: string): void {
    for (const form of forms) if (text.includes(form)) throw new Error(`${where} shows ${form}`);
  }

  it('are refused unless the application allows them, without being shown', async () => {
    await ring.push({ 'shop/secret.yaml': secret(first) });
    await ring.declare('shop', { placement });
    await eventually(async () => {
      const { state, message } = await ring.application('shop');
      expect(state).toBe('failing');
      expect(message).toMatch(/allowSecrets/);
      expectNone('the message', message);
    });
    expect(await ring.rows('SELECT 1 FROM nodes WHERE sensitive')).toEqual([]);
    expect(await ring.rows('SELECT 1 FROM assignments')).toEqual([]);
  });

  it('reach the cluster where they are allowed, and change there', async () => {
    await ring.declare('shop', { placement, allowSecrets: true });
    await ring.inSync();
    expect(applied()).toEqual({ password: base64(first) });
    const commit = await ring.push({ 'shop/secret.yaml': secret(second) });
    await ring.inSync(commit);
    expect(applied()).toEqual({ password: base64(second) });
    expect(await ring.rows('SELECT count(*)::int AS secrets FROM nodes WHERE sensitive')).toEqual([{ secrets: 2 }]);
  });

  it('that drift or fail are told without their values', async () => {
    const { kubernetes, agent } = ring.cluster('eu-1');
    await ring.declare('shop', { placement, allowSecrets: true, sync: { drift: 'report' } });
    await ring.inSync();
    kubernetes.edit(
      { group: '', version: 'v1', kind: 'Secret', namespace: 'default', name: 'login' },
      'a-person',
      (object) => Object.assign(object, { data: { password: base64(first) } }),
    );
    await agent.compareNow();
    const target = await eventually(async () => {
      const told = await ring.get('applications/shop/targets/eu-1');
      expect(told.state).toBe('drifted');
      return told;
    });
    expect(JSON.stringify(target)).toContain('password');
    expectNone('the drift', JSON.stringify(target));
    await ring.declare('shop', { placement, allowSecrets: true });
    await ring.quiet();
    await agent.compareNow();
    await ring.inSync();
    expect(applied()).toEqual({ password: base64(second) });
  });

  it('stand in no table of the database, in no form', async () => {
    const tables = await ring.rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const rows = await ring.rows(`SELECT t::text AS text FROM "${name}" t`);
      expectNone(`table ${name}`, rows.map(({ text }) => text).join('\n'));
    }
  });

  it('stand in no answer of the API, and in no log', async () => {
    const urls = [
      'applications',
      'applications/shop',
      'applications/shop/targets',
      'applications/shop/targets/eu-1',
      'applications/shop/releases',
      'applications/shop/explain',
      'applications/shop/deletions',
      'applications/shop/diff?from=1&to=2',
      'applications/shop/diff',
      'status',
      'status/targets',
      'clusters',
      'audit',
      'sources',
      'dead-letters',
    ];
    for (const url of urls) expectNone(url, JSON.stringify(await ring.get(url)));
    const diff = JSON.stringify(await ring.get('applications/shop/diff?from=1&to=2'));
    expect(diff).toContain('password');
    expectNone('the log', ring.hub.logs.join('\n'));
    expect(ring.hub.logs.length).toBeGreaterThan(10);
  });

  it('are given to the agents of their clusters alone, and may be kept by nobody', async () => {
    const [node] = await ring.rows(
      `SELECT encode(digest, 'hex') AS digest FROM nodes WHERE sensitive ORDER BY created_at DESC LIMIT 1`,
    );
    const [open] = await ring.rows(
      `SELECT encode(b.digest, 'hex') AS digest FROM bundles b JOIN assignments s ON s.bundle = b.digest LIMIT 1`,
    );
    const tokens = { own: await agentToken('eu-1'), stranger: await agentToken('us-1') };
    const read = (digest: string, token = tokens.own) =>
      ring.hub.anonymous.get(`/agent/v1/nodes/${digest}`).set('authorization', `Bearer ${token}`);
    const secretNode = await read(node!['digest']).expect(200);
    expect(secretNode.headers['cache-control']).toBe('no-store');
    expect((await read(open!['digest']).expect(200)).headers['cache-control']).toMatch(/immutable/);
    for (const each of [node, open]) await read(each!['digest'], tokens.stranger).expect(404);
    await ring.hub.anonymous.get(`/agent/v1/nodes/${node!['digest']}`).expect(401);
  });

  /** As the agent of the cluster gets one, with the key that it keeps there. */
  async function agentToken(cluster: string): Promise<string> {
    const identity = identityFrom(readIdentity(ring.cluster(cluster).kubernetes.peek(identityReference)!))!;
    const exchange = async (assertion: string) =>
      (await ring.hub.anonymous.post('/agent/v1/token').send({ assertion }).expect(200)).body as IssuedToken;
    return await new TokenKeeper(identity, systemRuntime, exchange).token();
  }
});
