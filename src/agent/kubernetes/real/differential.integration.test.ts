import { sharedKubernetes } from '#test/harness/kubernetes';
import { describeDifferential } from '../contract/differential';
import { memoryKubernetes } from '../memory/memory-kubernetes';
import type { KubernetesApi } from '../port';
import { realKubernetes } from './real-kubernetes';

jest.setTimeout(120_000);

describe('random writes give the same in memory as on a real API server', () => {
  const memory = memoryKubernetes();
  let real: KubernetesApi;

  beforeAll(async () => {
    const { clusters } = await sharedKubernetes();
    real = realKubernetes({ kubeconfig: clusters[0]!.kubeconfig });
  });
  afterAll(() => Promise.all([memory.close(), real.close()]));

  const seeds = [1, 5, 7, 16, 21, 22, 44];
  describeDifferential(
    () => memory,
    () => real,
    seeds,
  );
});
