import { memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { Breaker } from './breaker';
import { GuardedKubernetes } from './guarded-kubernetes';

const kubeSystem = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' };

describe('a guarded cluster', () => {
  const told: (string | undefined)[] = [];
  let nowMs: number;
  beforeEach(() => {
    told.length = 0;
    nowMs = 0;
  });
  const breaker = () =>
    new Breaker(
      () => nowMs,
      () => 1,
    );
  const failing = (error: KubernetesError) => Object.assign(memoryKubernetes(), { get: () => Promise.reject(error) });

  it('is not asked again and again while it does not answer, and tells it once it is sure', async () => {
    const get = jest.fn(() => Promise.reject(new KubernetesError('unavailable', 'ECONNREFUSED')));
    const guarded = new GuardedKubernetes(Object.assign(memoryKubernetes(), { get }), breaker(), (m) => told.push(m));
    for (let call = 0; call < 10; call += 1) {
      await expect(guarded.get(kubeSystem)).rejects.toMatchObject({ errorClass: 'unavailable' });
    }
    expect(get).toHaveBeenCalledTimes(5);
    expect(told[0]).toContain('cannot be reached: ECONNREFUSED');
    expect(told).toHaveLength(4);
    guarded.exchange(memoryKubernetes());
    nowMs = 1_001;
    await guarded.serverVersion();
    expect(told.at(-1)).toBeUndefined();
  });

  it('takes answers of the server for answers', async () => {
    const forbidden = new KubernetesError('forbidden', 'no', { status: 403 });
    const overloaded = new KubernetesError('unavailable', 'later', { status: 503 });
    for (const error of [forbidden, overloaded]) {
      const guarded = new GuardedKubernetes(failing(error), breaker(), (message) => told.push(message));
      for (let call = 0; call < 10; call += 1) await expect(guarded.get(kubeSystem)).rejects.toBe(error);
    }
    expect(told).toEqual([]);
  });

  it('says what to do when its credential is not taken', async () => {
    const error = new KubernetesError('unauthorized', 'Unauthorized', { status: 401 });
    const guarded = new GuardedKubernetes(failing(error), breaker(), (message) => told.push(message));
    for (let call = 0; call < 2; call += 1) await expect(guarded.get(kubeSystem)).rejects.toBe(error);
    expect(told).toEqual([expect.stringContaining('flotilla cluster add')]);
  });

  it('exchanges its connection under way: the former is closed after its last call', async () => {
    let answer: (version: string) => void = () => undefined;
    const close = jest.fn(() => Promise.resolve());
    const serverVersion = () => new Promise<string>((resolve) => (answer = resolve));
    const former = Object.assign(memoryKubernetes(), { close, serverVersion });
    const guarded = new GuardedKubernetes(former, breaker(), () => undefined);
    const call = guarded.serverVersion();
    guarded.exchange(memoryKubernetes());
    expect(close).not.toHaveBeenCalled();
    answer('v1.2.3');
    expect(await call).toBe('v1.2.3');
    expect(close).toHaveBeenCalledTimes(1);
    expect(await guarded.get(kubeSystem)).toBeDefined();
  });
});
