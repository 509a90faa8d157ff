import { sharedKubernetes } from '#test/harness/kubernetes';
import { describeKubernetesApi } from '../contract';
import { realKubernetes } from './real-kubernetes';

jest.setTimeout(120_000);

describeKubernetesApi('a real API server', async () => {
  const { clusters } = await sharedKubernetes({ controllers: true });
  return realKubernetes({ kubeconfig: clusters[0]!.kubeconfig });
});
