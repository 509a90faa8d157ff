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

describe('a hold', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const many = (value: string) => Array.from({ length: 40 }, (_, index) => configMap(`c${index}`, { value }));
  const isThere = (name: string): boolean => w.kubernetes.peek(configMapRef(name)) !== undefined;

  it('keeps an application from beginning, and lets the others go on', async () => {
    w.hub.halt({ cluster: false, applications: [application], reason: 'stop the line' });
    await w.start();
    w.hub.release({
      [application]: { objects: [configMap('held')] },
      [otherApplication]: { objects: [webNamespace, configMap('free')] },
    });
    await eventually('held', () => w.hub.said(application)?.phase === 'held');
    await eventually('the other', () => w.hub.said(otherApplication)?.phase === 'applied');
    expect(isThere('held')).toBe(false);
    w.hub.halt({ cluster: false, applications: [] });
    await eventually('released', () => w.hub.said(application)?.phase === 'applied');
    expect(isThere('held')).toBe(true);
  });

  it('stops one that has begun before its next apply', async () => {
    w.hub.release({ [application]: { objects: [webNamespace, ...many('1')] } });
    await w.start();
    await eventually('first release', () => w.hub.said(application)?.phase === 'applied');
    let applies = 0;
    w.kubernetes.faults.setLatency(({ verb }) => {
      if (verb === 'apply' && ++applies === 10) w.hub.halt({ cluster: true, applications: [] });
      return verb === 'apply' ? 15 : 0;
    });
    w.hub.release({ [application]: { objects: [webNamespace, ...many('2')] } });
    await eventually('held', () => w.hub.said(application)?.phase === 'held');
    const appliedThen = applies;
    await quiet();
    expect(applies).toBe(appliedThen);
    expect(applies).toBeLessThan(30);
    w.hub.halt({ cluster: false, applications: [] });
    await eventually('released', () => w.hub.said(application)?.phase === 'applied');
    // What was applied before the halt is not applied again.
    expect(applies).toBe(40);
  });

  it('is obeyed also under a version that was heard before, as of a hub that was put back to a backup', async () => {
    const agent = await w.start();
    w.hub.release({ [application]: { objects: [webNamespace] } });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    w.hub.hold = { ...w.hub.hold, cluster: true };
    w.hub.release({ [application]: { objects: [webNamespace, configMap('late')] } });
    await eventually('held', () => w.hub.said(application)?.phase === 'held');
    expect(agent.state().hold).toEqual(w.hub.hold);
    expect(isThere('late')).toBe(false);
  });

  it('changes nothing of what runs, and neither heals nor prunes', async () => {
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a'), configMap('b')] } });
    const agent = await w.start();
    await eventually('first release', () => w.hub.said(application)?.phase === 'applied');
    w.hub.halt({ cluster: true, applications: [] });
    await eventually('hold', () => agent.state().hold.cluster);
    expect(w.hub.said(application)?.phase).toBe('applied');
    w.kubernetes.remove(configMapRef('a'));
    await agent.compareNow();
    await eventually('drift', () => w.hub.said(application)?.drifted === 1);
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    await eventually('held', () => w.hub.said(application)?.phase === 'held');
    expect([isThere('a'), isThere('b')]).toEqual([false, true]);
  });
});
