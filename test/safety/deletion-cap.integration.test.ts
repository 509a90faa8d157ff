import { eventually } from '#test/harness/eventually';
import { configMap, configMapKey, managedObjects, Ring } from './parts/ring';

const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `o${index + from}`);
const manifest = (objects: readonly string[], version = '1') =>
  objects.map((name) => configMap(name, { version })).join('---\n');

/** Safety rule 9: more deletions than the cap wait for an approval of a named set; any subset may proceed, nothing else. */
describe('the cap of deletions', () => {
  let ring: Ring;
  let next = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    for (const name of ['eu-1', 'us-1']) await ring.addCluster(name);
    await ring.declareSource();
  });
  afterAll(() => ring?.stop());

  /** An application with so many objects on both clusters, and its name. */
  async function application(count: number): Promise<string> {
    const name = `app-${(next += 1)}`;
    const commit = await ring.push({
      [`${name}/all.yaml`]: manifest(names(count).map((object) => `${name}-${object}`)),
    });
    await ring.declare(name);
    await ring.inSync(commit);
    await ring.agentsCaughtUp();
    return name;
  }
  async function release(name: string, objects: readonly string[], version = '1'): Promise<void> {
    const commit = await ring.push({
      [`${name}/all.yaml`]: manifest(
        objects.map((each) => `${name}-${each}`),
        version,
      ),
    });
    await ring.quiet(commit);
    await ring.agentsCaughtUp();
  }
  const there = (name: string, cluster: string) =>
    [...managedObjects(ring.cluster(cluster).kubernetes).keys()].filter((key) => key.includes(`/${name}-`)).length;
  const keysOf = (name: string, objects: readonly string[]) =>
    objects.map((each) => configMapKey(`${name}-${each}`)).sort();
  const waiting = async (name: string, expected: { objects: string[]; clusters: string[] }[]) =>
    await eventually(async () => {
      const { items } = await ring.get(`applications/${name}/deletions`);
      expect(items).toHaveLength(expected.length);
      expect(items).toEqual(expect.arrayContaining(expected));
    });
  const both = ['eu-1', 'us-1'];
  const approve = (name: string, clusters: string[], objects: string[]) =>
    ring.hub.request.post(`/api/v1/applications/${name}/deletions/approve`).send({ clusters, objects });

  it('lets few deletions through', async () => {
    const name = await application(60);
    await release(name, names(50));
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([50, 50]);
  });

  it('holds eleven of many, by their names', async () => {
    const name = await application(60);
    await release(name, names(49));
    await waiting(name, [{ objects: keysOf(name, names(11, 49)), clusters: both }]);
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([60, 60]);
    expect(await ring.application(name)).toMatchObject({ pendingDeletions: 2 });
  });

  it('holds more than a fifth, as a small edit of a template brings about', async () => {
    const name = await application(8);
    await release(name, names(6));
    await waiting(name, [{ objects: keysOf(name, names(2, 6)), clusters: both }]);
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([8, 8]);
    const { body } = await ring.hub.request.get(`/api/v1/applications/${name}/diff?from=1&to=2`).expect(200);
    expect(JSON.stringify(body)).toContain('removed');
  });

  it('lets an approved part go where it was approved, and nothing else, ever', async () => {
    const name = await application(8);
    await release(name, names(4));
    await waiting(name, [{ objects: keysOf(name, names(4, 4)), clusters: both }]);
    await approve(name, ['eu-1'], keysOf(name, ['o4', 'o0'])).expect(400);
    await approve(name, ['eu-1', 'nowhere'], keysOf(name, ['o4'])).expect(400);
    await approve(name, ['eu-1'], keysOf(name, ['o4', 'o5'])).expect(200);
    await eventually(async () => expect(there(name, 'eu-1')).toBe(6));
    await ring.agentsCaughtUp();
    // Two of six would be few enough now; they have waited, and go on waiting.
    await waiting(name, [
      { objects: keysOf(name, ['o6', 'o7']), clusters: ['eu-1'] },
      { objects: keysOf(name, names(4, 4)), clusters: ['us-1'] },
    ]);
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([6, 8]);
    await ring.cluster('eu-1').restart();
    await ring.agentsCaughtUp();
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([6, 8]);
    await approve(name, ['us-1'], keysOf(name, names(4, 4))).expect(200);
    await eventually(async () => expect(there(name, 'us-1')).toBe(4));
    expect(there(name, 'eu-1')).toBe(6);
  });

  it('voids an approval by a later release', async () => {
    const name = await application(8);
    await release(name, names(4));
    await waiting(name, [{ objects: keysOf(name, names(4, 4)), clusters: both }]);
    // Approved while nothing can be deleted: then something newer comes.
    for (const { kubernetes } of ring.clusters.values()) kubernetes.faults.partition(true);
    await approve(name, both, keysOf(name, names(4, 4))).expect(200);
    const commit = await ring.push({
      [`${name}/all.yaml`]: manifest(
        names(3).map((each) => `${name}-${each}`),
        '2',
      ),
    });
    await ring.quiet(commit);
    const [row] = await ring.rows(
      `SELECT count(*)::int AS approved FROM assignments s JOIN applications a ON a.id = s.application_id
        WHERE a.name = $1 AND s.approved_deletions IS NOT NULL`,
      [name],
    );
    expect(row).toEqual({ approved: 0 });
    for (const { kubernetes } of ring.clusters.values()) kubernetes.faults.partition(false);
    await waiting(name, [{ objects: keysOf(name, names(5, 3)), clusters: both }]);
    expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([8, 8]);
  });

  it('counts a change in small steps as one', async () => {
    const name = await application(60);
    await release(name, names(52));
    expect(there(name, 'eu-1')).toBe(52);
    await release(name, names(46));
    await waiting(name, [{ objects: keysOf(name, names(6, 46)), clusters: both }]);
    expect(there(name, 'eu-1')).toBe(52);
  });

  it('lets a removal go that a person confirmed, whatever its size', async () => {
    const name = await application(20);
    await ring.hub.request.delete(`/api/v1/applications/${name}?workloads=remove`).expect(200);
    await eventually(async () => expect([there(name, 'eu-1'), there(name, 'us-1')]).toEqual([0, 0]));
    await eventually(async () => {
      await ring.hub.request.get(`/api/v1/applications/${name}`).expect(404);
    });
    expect(await ring.rows('SELECT 1 FROM applications WHERE name = $1', [name])).toEqual([]);
    expect(ring.errors()).toEqual([]);
  });
});
