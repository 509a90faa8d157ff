import { hostedKubeconfigText, type HostedKubeconfig } from '#libs/kubeconfig/hosted';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import { openTransport, realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import { requestServiceAccountToken } from '#src/agent/kubernetes/real/service-account-token';
import { guardedLookup } from './guarded-lookup';

/** Neither programs nor files of a kubeconfig have any effect in the hub. */
function optionsOf(kubeconfig: HostedKubeconfig) {
  return {
    kubeconfig: hostedKubeconfigText(kubeconfig),
    allowExec: false,
    allowFiles: false,
    lookup: guardedLookup,
  };
}

/** Connects when it is first asked; the caller closes it. */
export function openCluster(kubeconfig: HostedKubeconfig): KubernetesApi {
  return realKubernetes(optionsOf(kubeconfig));
}

/** A new token of the service account that the present one is of. Throws `KubernetesError`. */
export async function requestToken(kubeconfig: HostedKubeconfig, lifeSeconds: number): Promise<string> {
  const transport = openTransport(optionsOf(kubeconfig));
  try {
    return await requestServiceAccountToken(transport, kubeconfig.claims, lifeSeconds);
  } finally {
    await transport.close();
  }
}
