import { application, configMap, configMapRef, eventually, webNamespace, world, type World } from '../testing/fixtures';
import { memoryKubernetes } from './memory/memory-kubernetes';
import type { Operation } from './memory/faults';
import { respectingLimits } from './limits';
import { KubernetesError } from './port';

const throttled = (retryAfterMs: number) =>
  new KubernetesError('throttled', 'too many requests', { status: 429, retryAfterMs });

describe('limits of the API server', () => {
  const namespaces = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'default' };

  /** A clock that moves only by sleeping. */
  function manual() {
    const slept: number[] = [];
    let nowMs = 0;
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    };
    return { slept, now: () => new Date(nowMs), monotonicMs: () => nowMs, random: () => 0, sleep };
  }

  it('are kept: nothing is sent for as long as it was asked, and then the call is made again', async () => {
    const kubernetes = memoryKubernetes();
    const runtime = manual();
    const api = respectingLimits(kubernetes, runtime);
    kubernetes.faults.failNext(() => true, throttled(7_000));
    await expect(api.get(namespaces)).resolves.toBeDefined();
    expect(runtime.slept).toEqual([7_000]);
    expect(kubernetes.faults.counters().requests.get).toBe(2);
  });

  it('hold up other calls too, and fail a call that is refused again and again', async () => {
    const kubernetes = memoryKubernetes();
    const runtime = manual();
    const api = respectingLimits(kubernetes, runtime);
    kubernetes.faults.failNext(({ verb }) => verb === 'list', throttled(2_000), 100);
    await expect(api.list({ group: '', version: 'v1', kind: 'Namespace' })).rejects.toThrow('too many requests');
    expect(kubernetes.faults.counters().requests.list).toBe(4);
    await api.get(namespaces);
    expect(runtime.slept).toEqual([2_000, 2_000, 2_000, 2_000]);
  });

  describe('under an agent', () => {
    let w: World;
    beforeEach(() => (w = world()));
    afterEach(() => w.end());

    it('delay a release and lose nothing of it', async () => {
      const isManaged = ({ verb, reference }: Operation): boolean => verb === 'apply' && reference.namespace === 'web';
      w.kubernetes.faults.failNext(isManaged, throttled(20), 12);
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      w.hub.release({ [application]: { objects: [webNamespace, ...names.map((name) => configMap(name))] } });
      await w.start();
      await eventually('applied', () => w.hub.said(application)?.phase === 'applied', 20_000);
      for (const name of names) expect(w.kubernetes.peek(configMapRef(name))).toBeDefined();
      expect(w.hub.said(application)?.errors).toEqual([]);
    }, 30_000);
  });
});
