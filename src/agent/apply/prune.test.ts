import { objectKey } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import { fakeName } from '../testing/fake-tree';
import {
  application,
  configMap,
  configMapRef,
  eventually,
  otherApplication,
  quiet,
  webNamespace,
  world,
  type World,
} from '../testing/fixtures';

describe('pruning', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);
  const objects = (these: string[]) => [webNamespace, ...these.map((name) => configMap(name))];
  const isThere = (name: string): boolean => w.kubernetes.peek(configMapRef(name)) !== undefined;
  const keyOf = (name: string): string => objectKey(configMapRef(name));
  const inventory = (id = application): string =>
    (w.kubernetes.peek(configMapRef(`flotilla-inventory-${id}`, 'flotilla-system'))?.data as Record<string, string>)
      ?.entries ?? '';

  async function release(...args: Parameters<World['hub']['release']>): Promise<void> {
    const { generation } = w.hub.release(...args);
    await eventually(`release ${generation}`, () =>
      Object.keys(args[0]).every((id) => {
        const said = w.hub.said(id);
        return said?.generation === generation && ['applied', 'failed', 'removed', 'orphaned'].includes(said.phase);
      }),
    );
  }

  it('deletes what has left the release, and then forgets it', async () => {
    await w.start();
    await release({ [application]: { objects: objects(names(3)) } });
    expect(inventory()).toContain('"c2"');
    await release({ [application]: { objects: objects(names(2)) } });
    expect(isThere('c2')).toBe(false);
    expect(inventory()).not.toContain('"c2"');
    expect(isThere('c1')).toBe(true);
  });

  it('waits above the limit, and deletes only what is approved', async () => {
    const policy = { pruneLimits: { maxObjects: 2, maxPercent: 100 } };
    await w.start();
    await release({ [application]: { objects: objects(names(5)), policy } });
    await release({ [application]: { objects: objects(names(1)), policy } });
    expect(names(5).every(isThere)).toBe(true);
    expect(w.hub.said(application)).toMatchObject({
      phase: 'applied',
      pendingDeletions: ['c1', 'c2', 'c3', 'c4'].map(keyOf),
    });
    await release({ [application]: { objects: objects(names(1)), policy, approved: ['c1', 'c2', 'c3'].map(keyOf) } });
    expect(names(5).filter(isThere)).toEqual(['c0', 'c4']);
    // What is left is few enough by now, and still nobody has agreed to it; a restart forgets nothing of that.
    await w.agents[0]!.stop();
    await w.start();
    await release({ [application]: { objects: objects(names(1)), policy: { ...policy, drift: 'report' } } });
    expect(isThere('c4')).toBe(true);
    expect(w.hub.said(application)?.pendingDeletions).toEqual([keyOf('c4')]);
  });

  it('counts small steps together', async () => {
    const policy = { pruneLimits: { maxObjects: 2, maxPercent: 100 } };
    await w.start();
    for (const count of [6, 5, 4, 3]) await release({ [application]: { objects: objects(names(count)), policy } });
    expect(names(6).filter(isThere)).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(w.hub.said(application)?.pendingDeletions).toEqual([keyOf('c3')]);
  });

  it('deletes nothing while anything could not be applied', async () => {
    await w.start();
    await release({ [application]: { objects: objects(names(2)) } });
    const invalid = configMap('Not_A_Name');
    await release({ [application]: { objects: [...objects(['c0']), invalid] } });
    expect(w.hub.said(application)).toMatchObject({ phase: 'failed', objects: { total: 3, applied: 2, failed: 1 } });
    expect(isThere('c1')).toBe(true);
  });

  it('never touches what only carries our label: operators copy labels', async () => {
    await w.start();
    await release({ [application]: { objects: objects(['c0', 'c1']) } });
    const copy = configMap('child-of-an-operator');
    copy.metadata.labels = { [applicationLabel]: fakeName(application) };
    await w.kubernetes.create(copy);
    await w.agents[0]!.compareNow();
    await release({ [application]: { objects: objects(['c0']) } });
    expect(isThere('c1')).toBe(false);
    expect(isThere('child-of-an-operator')).toBe(true);
  });

  it('leaves an object that someone else has made anew, or owns', async () => {
    await w.start();
    const policy = { drift: 'report' as const };
    await release({ [application]: { objects: objects(['c0', 'remade', 'owned']), policy } });
    w.kubernetes.remove(configMapRef('remade'));
    const remade = configMap('remade');
    remade.metadata.labels = { [applicationLabel]: fakeName(application) };
    await w.kubernetes.create(remade);
    w.kubernetes.edit(configMapRef('owned'), 'operator', (object) => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c0', uid: 'some-uid', controller: true };
      object.metadata.ownerReferences = [owner];
    });
    await release({ [application]: { objects: objects(['c0']), policy } });
    expect(isThere('remade')).toBe(true);
    expect(isThere('owned')).toBe(true);
    const notes = w.hub.said(application)?.driftNotes.map(({ message }) => message);
    expect(notes).toEqual([expect.stringContaining('is controlled by'), expect.stringContaining('made anew')]);
  });

  it('leaves it when pruning is off, and says so', async () => {
    await w.start();
    const policy = { prune: false };
    await release({ [application]: { objects: objects(['c0', 'c1']), policy } });
    await release({ [application]: { objects: objects(['c0']), policy } });
    expect(isThere('c1')).toBe(true);
    expect(w.hub.said(application)?.driftNotes[0]).toMatchObject({ object: keyOf('c1') });
  });

  it('moves an object to another application without deleting it', async () => {
    await w.start();
    await release({
      [application]: { objects: objects(['c0', 'moves']) },
      [otherApplication]: { objects: [configMap('other')] },
    });
    const { uid } = w.kubernetes.peek(configMapRef('moves'))!.metadata;
    await release({
      [application]: { objects: objects(['c0']) },
      [otherApplication]: { objects: [configMap('other'), configMap('moves')] },
    });
    await eventually('inventories', () => !inventory().includes('"moves"'));
    const live = w.kubernetes.peek(configMapRef('moves'))!;
    expect(live.metadata.uid).toBe(uid);
    expect(live.metadata.labels?.[applicationLabel]).toBe(fakeName(otherApplication));
    expect(inventory(otherApplication)).toContain('"moves"');
  });

  describe('removing an application', () => {
    it('deletes only what is named, in reverse, and says what waits', async () => {
      await w.start();
      await release({ [application]: { objects: objects(['c0', 'c1']) } });
      const all = ['c0', 'c1'].map(keyOf);
      w.hub.release({ [application]: { removal: 'delete', approved: all } });
      await eventually('partly removed', () => w.hub.said(application)?.objects.total === 1);
      expect(w.hub.said(application)).toMatchObject({ phase: 'removing', pendingDeletions: ['/Namespace//web'] });
      expect(isThere('c0')).toBe(false);
      await release({ [application]: { removal: 'delete', approved: [...all, '/Namespace//web'] } });
      expect(w.hub.said(application)).toMatchObject({ phase: 'removed', bundle: null, pendingDeletions: [] });
      expect(inventory()).toBe('');
    });

    it('leaves the objects when it is to be orphaned', async () => {
      await w.start();
      await release({ [application]: { objects: objects(['c0']) } });
      await release({ [application]: { removal: 'orphan' } });
      expect(w.hub.said(application)).toMatchObject({ phase: 'orphaned', bundle: null });
      expect(isThere('c0')).toBe(true);
      expect(inventory()).toBe('');
    });

    it('does nothing at all to one that the root does not name any more', async () => {
      await w.start();
      await release({ [application]: { objects: objects(['c0']) } });
      w.hub.release({});
      await eventually('snapshot without it', () => w.hub.reports.at(-1)?.targets.length === 0);
      expect(w.hub.reports.at(-1)?.snapshot).toBe(true);
      await w.agents[0]!.compareNow();
      await quiet(20);
      expect(isThere('c0')).toBe(true);
      expect(inventory()).toContain('"c0"');
    });
  });
});
