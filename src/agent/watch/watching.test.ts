import { KubernetesError } from '../kubernetes/port';
import { memoryKubernetes, type MemoryKubernetes } from '../kubernetes/memory/memory-kubernetes';
import {
  application,
  configMap,
  configMapRef,
  eventually,
  quiet,
  webNamespace,
  world,
  type World,
} from '../testing/fixtures';

/** No full comparison and no look at health happens within these tests: what is found is found by watching. */
const never = { timing: { healthMs: 3_600_000 } };

describe('an agent that watches', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const valueOf = (name: string): unknown =>
    (w.kubernetes.peek(configMapRef(name))?.data as Record<string, string> | undefined)?.key;
  const spoil = (name: string, value = 'theirs'): void =>
    w.kubernetes.edit(configMapRef(name), 'somebody', (object) => {
      (object.data as Record<string, string>).key = value;
    });
  const isWatching = (): boolean => w.kubernetes.faults.watchCount === 2;
  async function applied(drift: 'reapply' | 'report' = 'reapply', options = {}) {
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a'), configMap('b')], policy: { drift } } });
    const agent = await w.start({ ...never, ...options });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    return agent;
  }

  it('puts back what changes, and what is deleted, soon', async () => {
    await applied();
    await eventually('watching', isWatching);
    spoil('a');
    await eventually('put back', () => valueOf('a') === 'value');
    w.kubernetes.remove(configMapRef('b'));
    await eventually('made again', () => valueOf('b') === 'value');
    await eventually('counted', () => w.hub.said(application)?.corrected === 2);
  });

  it('only tells where the policy says so', async () => {
    await applied('report');
    await eventually('watching', isWatching);
    spoil('a');
    await eventually('told', () => w.hub.said(application)?.drifted === 1);
    expect(valueOf('a')).toBe('theirs');
    spoil('a', 'value');
    await eventually('gone', () => w.hub.said(application)?.drifted === 0);
  });

  it('asks nothing for what it wrote itself, and for what is none of its own', async () => {
    await applied();
    await eventually('watching', isWatching);
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a', { key: 'new' }), configMap('b')] } });
    await eventually('changed', () => valueOf('a') === 'new');
    await eventually('told', () => w.hub.said(application)?.generation === 2);
    await quiet(600);
    w.kubernetes.faults.resetCounters();
    await w.kubernetes.create({
      ...configMap('stranger'),
      metadata: { name: 'stranger', namespace: 'web', labels: { 'flotilla.dev/application': 'web' } },
    });
    await quiet(600);
    const { requests } = w.kubernetes.faults.counters();
    expect([requests.get, requests.list, requests.apply]).toEqual([0, 0, 0]);
  });

  it.each([
    ['was cut', new KubernetesError('unavailable', 'the connection was lost')],
    ['was told to wait', new KubernetesError('throttled', 'too many requests', { status: 429, retryAfterMs: 20 })],
    ['has to begin anew', new KubernetesError('unavailable', 'too old resource version', { status: 410 })],
  ])('goes on after a watch %s, and finds what happened meanwhile', async (_, error) => {
    await applied();
    await eventually('watching', isWatching);
    // No new watch for a while, in which something happens.
    w.kubernetes.faults.failNext(({ verb }) => verb === 'watch', error, 4);
    w.kubernetes.faults.breakWatches(error);
    spoil('a');
    w.kubernetes.remove(configMapRef('b'));
    await eventually('put back', () => valueOf('a') === 'value' && valueOf('b') === 'value');
    await eventually('watching again', isWatching);
  });

  it('does without where watching is forbidden', async () => {
    await w.end();
    const kubernetes: MemoryKubernetes = memoryKubernetes({
      authorize: ({ verb }) => (verb === 'watch' ? 'may not watch' : undefined),
    });
    w = world(kubernetes);
    const agent = await applied();
    spoil('a');
    expect(kubernetes.faults.watchCount).toBe(0);
    await agent.compareNow();
    await eventually('put back', () => valueOf('a') === 'value');
    expect(agent.state().trouble).toBeUndefined();
  });

  it('ends its watches with what it watches for, and with itself', async () => {
    const agent = await applied();
    await eventually('watching', isWatching);
    w.hub.release({ [application]: { objects: [webNamespace] } });
    await eventually('one less', () => w.kubernetes.faults.watchCount === 1);
    await agent.stop();
    expect(w.kubernetes.faults.watchCount).toBe(0);
  });

  it('watches nothing when it is told so', async () => {
    await applied('reapply', { watch: false });
    await quiet(50);
    expect(w.kubernetes.faults.counters().requests.watch).toBe(0);
  });
});
