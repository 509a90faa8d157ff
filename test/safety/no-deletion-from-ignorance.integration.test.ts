import { rename } from 'node:fs/promises';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { eventually } from '#test/harness/eventually';
import { serveGit } from '#test/harness/git';
import { configMap, managedObjects, nothingGoes, Ring } from './parts/ring';

/** Safety rule 8: an error, an empty rendering, a failed list, a vanished path or repository leaves everything as it is. */
describe('ignorance deletes nothing', () => {
  let ring: Ring;
  let check: () => void;

  beforeAll(async () => {
    ring = await Ring.start({ sources: { allowInsecureHttp: true } });
    for (const [name, region] of [
      ['eu-1', 'eu'],
      ['us-1', 'us'],
    ] as const) {
      await ring.addCluster(name, { region, labels: { tier: 'web' } });
    }
    await ring.declareSource();
    const objects = ['a', 'b', 'c', 'd'].map((name) => configMap(name, { where: '${cluster.name}' }));
    const commit = await ring.push({
      'shop/all.yaml': objects.join('---\n'),
      'marker/marker.yaml': configMap('marker'),
    });
    await ring.declare('shop', { placement: { matchLabels: { tier: 'web' } } });
    await ring.declare('marker');
    await ring.inSync(commit);
    await ring.agentsCaughtUp();
    expect([...managedObjects(ring.cluster('eu-1').kubernetes).keys()].sort()).toEqual([
      'ConfigMap/a',
      'ConfigMap/b',
      'ConfigMap/c',
      'ConfigMap/d',
      'ConfigMap/marker',
    ]);
  });
  afterAll(() => ring?.stop());

  beforeEach(() => {
    check = nothingGoes(ring.clusters.values());
  });
  // Whatever happened, each test leaves the ring as it was found, and nothing has gone.
  afterEach(async () => {
    await ring.inSync();
    check();
  });

  const assigned = () => ring.rows('SELECT application_id, cluster_id, bundle, removal FROM assignments ORDER BY 1, 2');

  /** Until the application says what is wrong; then no assignment has changed, and every agent has looked again. */
  async function failing(message: RegExp, before: unknown): Promise<void> {
    await eventually(async () => {
      const status = await ring.application('shop');
      expect(status).toMatchObject({ state: 'failing', evaluated: true });
      expect(status.message).toMatch(message);
    });
    await ring.agentsCaughtUp();
    expect(await assigned()).toEqual(before);
    check();
  }

  it('an empty rendering', async () => {
    const before = await assigned();
    await ring.push({ 'shop/all.yaml': '# all of it is gone\n' });
    await failing(/renders to no object/, before);
    await ring.repository.revert();
    await ring.refresh();
  });

  it('YAML that is broken', async () => {
    const before = await assigned();
    await ring.push({ 'shop/all.yaml': 'apiVersion: v1\nkind: [ConfigMap\n' });
    await failing(/all\.yaml/, before);
    await ring.repository.revert();
    await ring.refresh();
  });

  it('a path that was renamed away', async () => {
    const before = await assigned();
    await ring.repository.git('mv', 'shop', 'store');
    await ring.push({});
    await failing(/shop/, before);
    await ring.repository.git('mv', 'store', 'shop');
    await ring.push({});
  });

  async function sourceFailing(name: string, message: RegExp): Promise<void> {
    await eventually(async () => {
      const { status } = await ring.get(`sources/${name}`);
      expect(status.state).toBe('failing');
      expect(status.message).toMatch(message);
    });
    await ring.quiet();
    await ring.agentsCaughtUp();
    check();
  }

  it('a repository that has vanished', async () => {
    const before = await assigned();
    const { folder } = ring.repository;
    await rename(folder, `${folder}-away`);
    await ring.refresh();
    await sourceFailing('git', /is no Git repository/);
    // An edit makes the hub evaluate without the repository.
    await ring.declare('shop', { placement: { matchLabels: { tier: 'web' } }, parameters: { unused: '1' } });
    await eventually(async () => expect((await ring.application('shop')).state).toBe('failing'));
    await ring.agentsCaughtUp();
    expect(await assigned()).toEqual(before);
    check();
    await rename(`${folder}-away`, folder);
    await ring.declare('shop', { placement: { matchLabels: { tier: 'web' } } });
    await ring.refresh();
    await ring.quiet();
  });

  it('a branch that has vanished', async () => {
    await ring.repository.git('branch', '-m', 'main', 'trunk');
    await ring.refresh();
    await sourceFailing('git', /main/);
    await ring.repository.git('branch', '-m', 'trunk', 'main');
    await ring.refresh();
    await eventually(async () => expect((await ring.get('sources/git')).status.state).toBe('ready'));
  });

  it('credentials that no longer open the repository, or can no longer be opened', async () => {
    const auth = { username: 'git', password: 'correct' };
    const { folder } = ring.repository;
    const server = await serveGit(`${folder}/..`, { auth });
    const spec = (password: string) => ({
      url: `${server.url}/repository`,
      credentials: { kind: 'basic', username: 'git', password },
    });
    await ring.declareSource('git', spec('correct'));
    await eventually(async () => expect((await ring.get('sources/git')).status.state).toBe('ready'));
    await ring.inSync();
    auth.password = 'rotated';
    await ring.refresh();
    await sourceFailing('git', /401|credentials|access/i);
    auth.password = 'correct';
    await ring.refresh();
    await eventually(async () => expect((await ring.get('sources/git')).status.state).toBe('ready'));

    await ring.hub.database.execute(`UPDATE sources SET credentials_sealed = '\\x00'`);
    await ring.refresh();
    await sourceFailing('git', /credentials cannot be opened/);

    await ring.declareSource('git', { credentials: null });
    await eventually(async () => expect((await ring.get('sources/git')).status.state).toBe('ready'));
    await server.close();
  });

  it('an edit of labels: the target waits for a person', async () => {
    await ring.label('us-1', { tier: 'database' });
    await ring.quiet();
    await ring.agentsCaughtUp();
    const status = await ring.application('shop');
    expect(status).toMatchObject({ pendingRemovals: 1, targets: { total: 2 } });
    const { items } = await ring.get('applications/shop/removals');
    expect(items).toMatchObject([{ cluster: 'us-1', placed: false, removal: 'pending' }]);
    check();
    await ring.label('us-1', { tier: 'web' });
    await ring.quiet();
    expect(await ring.application('shop')).toMatchObject({ pendingRemovals: 0 });
  });

  it('a placement that is not valid, or that selects nothing', async () => {
    const before = await assigned();
    const put = (placement: object) =>
      ring.hub.request
        .put('/api/v1/applications/shop')
        .send({ metadata: { name: 'shop' }, spec: { source: 'git', path: 'shop', placement } });
    await put({}).expect(400);
    await put({ matchExpressions: [{ key: 'tier', operator: 'In' }] }).expect(400);
    await ring.quiet();
    expect(await assigned()).toEqual(before);
    await put({ matchLabels: { tier: 'no such' + 'thing'.repeat(20) } }).expect(400);
    await put({ matchLabels: { tier: 'nothing' } }).expect(200);
    await ring.quiet();
    await ring.agentsCaughtUp();
    expect(await assigned()).toEqual(before);
    expect(await ring.application('shop')).toMatchObject({ pendingRemovals: 2 });
    check();
    await put({ matchLabels: { tier: 'web' } }).expect(200);
    await ring.quiet();
  });

  it('a spec that the hub cannot work with, as after a change of the database by hand', async () => {
    const [row] = await ring.rows(`SELECT spec FROM applications WHERE name = 'shop'`);
    const before = await assigned();
    await ring.hub.database.execute(
      `UPDATE applications SET spec = spec - 'placement', version = version + 1, evaluate_due = evaluate_due + 1
        WHERE name = 'shop'`,
    );
    // The others go on.
    await ring.push({ 'marker/marker.yaml': configMap('marker', { beside: 'a broken application' }) });
    await eventually(async () =>
      expect(managedObjects(ring.cluster('eu-1').kubernetes).get('ConfigMap/marker')).toMatchObject({
        data: { beside: 'a broken application' },
      }),
    );
    await eventually(async () => expect((await ring.application('shop')).message).toMatch(/internal error/));
    const [{ id }] = (await ring.rows(`SELECT id FROM applications WHERE name = 'shop'`)) as [{ id: string }];
    const ofShop = (rows: Record<string, unknown>[]) => rows.filter((each) => each['application_id'] === id);
    expect(ofShop(await assigned())).toEqual(ofShop(before));
    await ring.hub.database.execute(
      `UPDATE applications SET spec = $1, version = version + 1, evaluate_due = evaluate_due + 1, evaluate_after = now()
        WHERE name = 'shop'`,
      [JSON.stringify(row!['spec'])],
    );
  });

  it('an API server that does not list, or not read, what is there', async () => {
    const { kubernetes, agent } = ring.cluster('eu-1');
    const unavailable = new KubernetesError('unavailable', 'etcd is away');
    kubernetes.faults.failNext(({ verb }) => verb === 'list', unavailable, 50);
    await agent.compareNow();
    kubernetes.faults.failNext(({ verb }) => verb === 'get', unavailable, 3);
    await agent.compareNow();
    check();
    kubernetes.faults.clear();
    await agent.compareNow();
  });

  it('an entry that is missing in a root', async () => {
    const kept = await ring.rows(
      `SELECT s.* FROM assignments s JOIN applications a ON a.id = s.application_id JOIN clusters c ON c.id = s.cluster_id
        WHERE a.name = 'shop' AND c.name = 'eu-1'`,
    );
    await ring.hub.database.execute('DELETE FROM assignments WHERE application_id = $1 AND cluster_id = $2', [
      kept[0]!['application_id'],
      kept[0]!['cluster_id'],
    ]);
    await ring.hub.database.execute('UPDATE roots SET dirty = true WHERE cluster_id = $1', [kept[0]!['cluster_id']]);
    await ring.hub.database.query(`SELECT pg_notify('flotilla_stage', 'roots')`);
    const { agent } = ring.cluster('eu-1');
    await eventually(async () => expect(agent.state().targets).toHaveLength(1));
    await ring.agentsCaughtUp();
    check();
    await ring.cluster('eu-1').restart();
    await eventually(async () => expect(ring.cluster('eu-1').agent.state().targets).toHaveLength(1));
    await ring.agentsCaughtUp();
    check();
    await ring.hub.database.execute(`UPDATE applications SET authorise_due = authorise_due + 1 WHERE name = 'shop'`);
  });
});
