import { runCli } from '#src/cli/run';
import { memoryIo } from '#src/cli/testing/memory-io';
import { eventually } from '#test/harness/eventually';
import { onServer } from '#test/harness/postgres/template';
import { configMap, managedObjects, Ring } from '#test/safety/parts/ring';

jest.setTimeout(240_000);

describe('a hub whose database was restored from a backup', () => {
  let ring: Ring;
  let name: string;
  let server: string;

  beforeAll(async () => {
    ring = await Ring.start();
    const url = new URL(ring.hub.config.database.url);
    name = url.pathname.slice(1);
    url.pathname = '/postgres';
    server = url.href;
    for (const cluster of ['eu-1', 'us-1']) await ring.addCluster(cluster);
    await ring.declareSource();
    const commit = await release('1');
    await ring.declare('shop');
    await ring.inSync(commit);
  });
  afterAll(async () => {
    await ring?.stop();
    await onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name}_backup`));
  });

  const release = (version: string) => ring.push({ 'shop/a.yaml': configMap('shop', { version }) }, version);
  const versions = () =>
    [...ring.clusters.values()].map(
      ({ kubernetes }) => (managedObjects(kubernetes).get('ConfigMap/shop')?.data as { version: string }).version,
    );
  const roots = () => [...ring.clusters.values()].map(({ agent }) => agent.state().root);
  const copyDatabase = (from: string, to: string) =>
    onServer(server, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${to} TEMPLATE ${from}`);
    });
  const readiness = async () => {
    const { body } = await ring.hub.anonymous.get('/readyz').expect(200);
    return body.checks.find((check: { name: string }) => check.name === 'agents');
  };
  async function flotilla(command: string): Promise<string> {
    const { database, encryption } = ring.hub.config;
    const env = {
      FLOTILLA_DATABASE_URL: database.url,
      FLOTILLA_ENCRYPTION_KEY: encryption.key,
      FLOTILLA_DATA_FOLDER: '/nowhere',
      FLOTILLA_URL: ring.hub.url,
      FLOTILLA_TOKEN: ring.hub.adminToken,
      FLOTILLA_HOME: '/nowhere',
    };
    const io = memoryIo({ env, fetch: (request) => fetch(request) });
    const code = await runCli(command.split(' '), io);
    const { out, err } = io.taken();
    return `${code}: ${out}${err}`;
  }

  it('does not take agents back, and says what has happened', async () => {
    expect(await readiness()).toMatchObject({ ok: true });
    await ring.restartHub(() => copyDatabase(name, `${name}_backup`));
    for (const version of ['2', '3']) await ring.inSync(await release(version));
    await ring.agentsCaughtUp();
    const held = roots();

    await ring.restartHub(() => copyDatabase(`${name}_backup`, name));
    await eventually(async () => {
      expect(await ring.get('status')).toMatchObject({ agentsAhead: 2, clusters: { online: 2 } });
    });
    expect(await readiness()).toMatchObject({ ok: false, message: expect.stringContaining('flotilla hub restore') });
    expect(await flotilla('status')).toContain('2 agents hold a newer state than this hub');

    // What it then authorises by itself comes past what they hold, and is not given to them either.
    for (const version of ['4', '5', '6']) await ring.quiet(await release(version));
    const generations = await ring.rows('SELECT min(generation)::int AS least FROM roots');
    expect(generations[0]?.least).toBeGreaterThan(Math.max(...held.map((root) => root?.generation ?? 0)));
    await Promise.all([...ring.clusters.values()].map(({ agent }) => agent.compareNow()));
    expect(roots()).toEqual(held);
    expect(versions()).toEqual(['3', '3']);
  });

  it('is taken again once it was told, and begins nothing until somebody resumes', async () => {
    expect(await flotilla('hub restore')).toMatch(/^2: error: this halts the whole fleet/);
    expect(await flotilla('hub restore --confirm')).toMatch(/^0: epoch 1 → \d+: 2 roots built anew, 1 source fetched/);
    await ring.agentsCaughtUp();
    const [{ epoch }] = (await ring.rows('SELECT epoch FROM hub')) as [{ epoch: number }];
    expect(roots().map((root) => root?.epoch)).toEqual([epoch, epoch]);
    const status = await ring.get('status');
    expect(status.agentsAhead).toBeUndefined();
    expect(status.holds).toMatchObject([{ scope: 'fleet', reason: 'restored from backup' }]);
    expect(await readiness()).toMatchObject({ ok: true });
    await ring.quiet(await release('7'));
    await Promise.all([...ring.clusters.values()].map(({ agent }) => agent.compareNow()));
    expect(versions()).toEqual(['3', '3']);

    expect(await flotilla('resume')).toMatch(/^0: /);
    await ring.inSync();
    expect(versions()).toEqual(['7', '7']);
  });

  it('may be restored again, from the same backup, before it starts', async () => {
    const before = roots().map((root) => root?.epoch ?? 0);
    await ring.restartHub(async () => {
      await copyDatabase(`${name}_backup`, name);
      expect(await flotilla('hub restore --confirm')).toMatch(/^0: /);
    });
    await eventually(async () => {
      expect(await ring.get('status')).toMatchObject({ clusters: { online: 2 } });
      for (const [index, root] of roots().entries()) expect(root?.epoch).toBeGreaterThan(before[index]!);
    });
    expect((await ring.get('status')).agentsAhead).toBeUndefined();
    expect(versions()).toEqual(['7', '7']);
    expect(await flotilla('resume')).toMatch(/^0: /);
    await eventually(async () => expect(versions()).toEqual(['7', '7']));
    await ring.inSync();
    expect(versions()).toEqual(['7', '7']);
    expect(ring.errors()).toEqual([]);
  });
});
