import {
  application,
  configMap,
  configMapRef,
  eventually,
  quiet,
  webNamespace,
  world,
  type World,
} from './testing/fixtures';

describe('an agent from joining to reporting', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  it('joins, applies what the hub declares, and reports it', async () => {
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    await w.start();
    await eventually('applied report', () => w.hub.said(application)?.phase === 'applied');
    expect(w.kubernetes.peek(configMapRef('a'))?.data).toEqual({ key: 'value' });
    expect(w.hub.said(application)).toMatchObject({
      bundle: w.hub.digestOf(application),
      epoch: 1,
      generation: 1,
      health: { status: 'healthy' },
      objects: { total: 2, applied: 2, failed: 0 },
      drifted: 0,
      corrected: 0,
    });
    expect(w.hub.reports[0]).toMatchObject({ session: 1, sequence: 0, snapshot: true });
    expect(w.hub.reports[0]?.facts?.kubernetesVersion).toBe('v1.36.3');
  });

  it('writes exactly the one managed object that a release changes', async () => {
    const objects = Array.from({ length: 50 }, (_, index) => configMap(`c${index}`));
    w.hub.release({ [application]: { objects: [webNamespace, ...objects] } });
    await w.start();
    await eventually('first release', () => w.hub.said(application)?.phase === 'applied');
    const before = new Map(w.kubernetes.objects().map((o) => [o.metadata.uid, o.metadata.resourceVersion]));
    w.kubernetes.faults.resetCounters();
    objects[7] = configMap('c7', { key: 'other' });
    const { generation } = w.hub.release({ [application]: { objects: [webNamespace, ...objects] } });
    await eventually('second release', () => w.hub.said(application)?.generation === generation);
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    expect(w.kubernetes.faults.counters().requests.apply).toBe(1);
    const changed = w.kubernetes
      .objects()
      .filter((o) => o.metadata.namespace !== 'flotilla-system')
      .filter((o) => before.get(o.metadata.uid) !== o.metadata.resourceVersion);
    expect(changed.map((o) => o.metadata.name)).toEqual(['c7']);
    // Sent as a delta: one object node and the splice of its bundle.
    const answer = w.hub.answers.findLast(({ root }) => root !== undefined)!;
    expect(answer.bundles).toHaveLength(1);
    expect(Object.keys(answer.nodes)).toHaveLength(2);
    expect(w.hub.fetched).toEqual([]);
  });

  it('writes nothing when a full comparison finds all as it should be', async () => {
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    const agent = await w.start();
    await eventually('applied report', () => w.hub.said(application)?.phase === 'applied');
    w.kubernetes.faults.resetCounters();
    await agent.compareNow();
    await quiet();
    expect(w.kubernetes.faults.counters().totalChanges).toBe(0);
  });
});
