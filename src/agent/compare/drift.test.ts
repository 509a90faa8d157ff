import { KubernetesError } from '../kubernetes/port';
import { application, configMap, configMapRef, eventually, webNamespace, world, type World } from '../testing/fixtures';

describe('drift', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const objects = [webNamespace, configMap('a'), configMap('b')];
  const valueOf = (name: string): unknown =>
    (w.kubernetes.peek(configMapRef(name))?.data as Record<string, string>)?.key;

  async function applied(drift: 'reapply' | 'report') {
    w.hub.release({ [application]: { objects, policy: { drift } } });
    const agent = await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    return agent;
  }

  function spoil(): void {
    w.kubernetes.remove(configMapRef('a'));
    w.kubernetes.edit(configMapRef('b'), 'somebody', (object) => {
      (object.data as Record<string, string>).key = 'theirs';
    });
  }

  it('is put back and counted', async () => {
    const agent = await applied('reapply');
    spoil();
    await agent.compareNow();
    await eventually('counted', () => w.hub.said(application)?.corrected === 2);
    expect([valueOf('a'), valueOf('b')]).toEqual(['value', 'value']);
    expect(w.hub.said(application)).toMatchObject({ drifted: 0, phase: 'applied' });
  });

  it('is only told where the policy says so, field by field and by whom', async () => {
    const agent = await applied('report');
    spoil();
    await agent.compareNow();
    await eventually('told', () => w.hub.said(application)?.drifted === 2);
    expect(valueOf('b')).toBe('theirs');
    expect(w.hub.said(application)?.driftNotes).toEqual([
      { object: '/ConfigMap/web/a', message: 'is missing' },
      { object: '/ConfigMap/web/b', message: '.data.key is "theirs", not "value" (by somebody)' },
    ]);
    expect(w.hub.said(application)?.health.status).toBe('degraded');
  });

  it('is found after a restart, by what applying would give', async () => {
    await (await applied('reapply')).stop();
    spoil();
    w.kubernetes.faults.resetCounters();
    await w.start();
    await eventually('counted', () => w.hub.said(application)?.corrected === 2);
    expect([valueOf('a'), valueOf('b')]).toEqual(['value', 'value']);
    const namespace = w.kubernetes.peek({ group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'web' });
    expect(namespace?.metadata.generation ?? 1).toBe(1);
  });

  it('is not a field that was never ours', async () => {
    const agent = await applied('reapply');
    w.kubernetes.edit(configMapRef('b'), 'somebody', (object) => {
      (object.data as Record<string, string>).foreign = 'theirs';
    });
    w.kubernetes.faults.resetCounters();
    await agent.compareNow();
    expect(w.kubernetes.faults.counters().totalChanges).toBe(0);
    expect(agent.state().targets[0]).toMatchObject({ drifted: 0, corrected: 0 });
  });

  it('is not what only could not be read', async () => {
    const agent = await applied('reapply');
    const fail = (verb: string) =>
      w.kubernetes.faults.failNext(
        (operation) =>
          operation.verb === verb &&
          operation.reference.kind === 'ConfigMap' &&
          operation.reference.namespace !== 'flotilla-system',
        new KubernetesError('unavailable', 'away'),
        10,
      );
    fail('list');
    fail('get');
    w.kubernetes.faults.resetCounters();
    await agent.compareNow();
    expect(agent.state().targets[0]).toMatchObject({ drifted: 0, corrected: 0 });
    expect(agent.state().targets[0]?.errors[0]?.message).toContain('cannot be compared: away');
    expect(w.kubernetes.faults.counters().totalChanges).toBe(0);
    w.kubernetes.faults.clear();
    await agent.compareNow();
    expect(agent.state().targets[0]?.errors).toEqual([]);
  });

  it('is found soon when an object is missing, before the next full comparison', async () => {
    w.hub.release({ [application]: { objects } });
    await w.start({ timing: { healthMs: 30 } });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    w.kubernetes.remove(configMapRef('a'));
    await eventually('healed', () => valueOf('a') === 'value');
  });
});
