import { eventually } from '#test/harness/eventually';
import { configMap, managedObjects, nothingGoes, Ring } from './parts/ring';

/** Two applications and one object: the second is refused by name; what moves between them is never deleted. */
describe('ownership of objects', () => {
  let ring: Ring;

  beforeAll(async () => {
    ring = await Ring.start();
    for (const name of ['eu-1', 'us-1']) await ring.addCluster(name);
    await ring.declareSource();
  });
  afterAll(() => ring?.stop());

  const objects = (names: readonly string[], data: Record<string, string> = {}) =>
    names.map((name) => configMap(name, data)).join('---\n');
  const ownerOf = (name: string, cluster = 'eu-1') =>
    managedObjects(ring.cluster(cluster).kubernetes).get(`ConfigMap/${name}`)?.metadata.labels?.[
      'flotilla.dev/application'
    ];
  async function settled(commit?: string): Promise<void> {
    await ring.quiet(commit);
    await ring.agentsCaughtUp();
  }

  it('refuses the second application that claims one, by name, and lets it in when the first gives it up', async () => {
    await ring.push({
      'first/all.yaml': objects(['one', 'shared'], { by: 'first' }),
      'second/all.yaml': objects(['shared', 'two'], { by: 'second' }),
    });
    await ring.declare('first');
    await ring.inSync();
    const check = nothingGoes(ring.clusters.values());
    await ring.declare('second');
    const refusal = '/ConfigMap/default/shared belongs to application first';
    await eventually(async () => {
      expect(await ring.application('second')).toMatchObject({ refused: refusal, targets: { total: 2, failed: 2 } });
    });
    const { items } = await ring.get('applications/second/targets');
    expect(items).toMatchObject([
      { state: 'failed', message: expect.stringContaining(refusal) },
      { state: 'failed', message: expect.stringContaining(refusal) },
    ]);
    await settled();
    expect([ownerOf('shared'), ownerOf('two')]).toEqual(['first', undefined]);

    const commit = await ring.push({ 'first/all.yaml': objects(['one'], { by: 'first' }) });
    await ring.inSync(commit);
    expect(await ring.application('second')).not.toHaveProperty('refused');
    await settled();
    expect([ownerOf('one'), ownerOf('shared', 'us-1'), ownerOf('two')]).toEqual(['first', 'second', 'second']);
    check();
  });

  it('keeps what was delivered before where a newer release is refused', async () => {
    const check = nothingGoes(ring.clusters.values());
    const commit = await ring.push({ 'second/all.yaml': objects(['shared', 'two', 'one'], { by: 'greed' }) });
    await settled(commit);
    expect(await ring.application('second')).toMatchObject({
      refused: '/ConfigMap/default/one belongs to application first',
    });
    expect(ownerOf('one')).toBe('first');
    expect(managedObjects(ring.cluster('eu-1').kubernetes).get('ConfigMap/two')).toMatchObject({
      data: { by: 'second' },
    });
    check();
    await ring.repository.revert();
    await ring.refresh();
    await ring.inSync();
  });

  it('moves with a folder that is renamed together with its application’s path', async () => {
    const check = nothingGoes(ring.clusters.values());
    await ring.repository.git('mv', 'second', 'renamed');
    const commit = await ring.push({});
    await ring.declare('second', { path: 'renamed' });
    await ring.inSync(commit);
    await settled(commit);
    expect([ownerOf('shared'), ownerOf('two')]).toEqual(['second', 'second']);
    check();
  });

  it('moves to an application of another name, when the old one is left in place', async () => {
    const check = nothingGoes(ring.clusters.values());
    await ring.declare('third', { path: 'renamed' });
    await eventually(async () => expect(await ring.application('third')).toMatchObject({ targets: { failed: 2 } }));
    await ring.hub.request.delete('/api/v1/applications/second?workloads=leave').expect(200);
    await eventually(async () => {
      await ring.hub.request.get('/api/v1/applications/second').expect(404);
    });
    await ring.inSync();
    await settled();
    expect([ownerOf('shared'), ownerOf('two', 'us-1')]).toEqual(['third', 'third']);
    check();
  });

  it('moves in one commit from one application to another', async () => {
    const check = nothingGoes(ring.clusters.values());
    const commit = await ring.push({
      'first/all.yaml': objects(['one', 'two'], { by: 'first' }),
      'renamed/all.yaml': objects(['shared'], { by: 'third' }),
    });
    await ring.inSync(commit);
    await settled(commit);
    expect([ownerOf('two'), ownerOf('two', 'us-1'), ownerOf('shared')]).toEqual(['first', 'first', 'third']);
    check();
  });

  it('is by inventory, never by label: children that copy their parent’s labels stay', async () => {
    const { kubernetes } = ring.cluster('eu-1');
    const parent = managedObjects(kubernetes).get('ConfigMap/one')!;
    await kubernetes.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'child', namespace: 'default', labels: { ...parent.metadata.labels } },
      },
      { fieldManager: 'an-operator', force: false },
    );
    const check = nothingGoes(ring.clusters.values());
    const commit = await ring.push({ 'first/all.yaml': objects(['one', 'two'], { by: 'a later release' }) });
    await ring.inSync(commit);
    await settled(commit);
    check();
    expect(managedObjects(kubernetes).has('ConfigMap/child')).toBe(true);
    expect(ring.errors()).toEqual([]);
  });
});
