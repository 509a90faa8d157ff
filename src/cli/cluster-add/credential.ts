import { hostedKubeconfigText, type HostedKubeconfig, readHostedKubeconfig } from '#libs/kubeconfig/hosted';
import { hostedTokenLifeSeconds } from '#libs/kubeconfig/token';
import { clusterUidOf } from '#src/agent/cluster/bootstrap';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import { requestServiceAccountToken } from '#src/agent/kubernetes/real/service-account-token';
import { agentNamespace } from '#src/agent/names';
import { CliError } from '../errors';
import type { Io } from '../io';
import type { CallerCluster } from './caller-kubeconfig';
import { agentServiceAccount } from './manifests';

/** A new role takes a moment to be known to every API server. */
const attempts = 20;
const pauseMs = 500;

/** A kubeconfig of the agent's own account alone, which works: nothing of the caller's is in it. */
export async function agentCredential(cluster: CallerCluster, io: Io): Promise<HostedKubeconfig> {
  const subject = { namespace: agentNamespace, name: agentServiceAccount };
  const token = await requestServiceAccountToken(cluster.transport, subject, hostedTokenLifeSeconds);
  const { server, caData, tlsServerName, proxyUrl } = cluster;
  const text = hostedKubeconfigText({ server, caData, tlsServerName, proxyUrl, token });
  const read = readHostedKubeconfig(text);
  if (!read.ok) {
    throw CliError.failed(`the hub cannot reach a cluster by context ${cluster.context}`, {
      details: read.problems.map(({ field, message }) => `${field}: ${message}`),
    });
  }
  await requireWorking(text, io);
  return read.value;
}

async function requireWorking(kubeconfig: string, io: Io): Promise<void> {
  const kubernetes = realKubernetes({ kubeconfig });
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await clusterUidOf(kubernetes);
        return;
      } catch (error) {
        const mayPass = error instanceof KubernetesError && ['forbidden', 'unauthorized'].includes(error.errorClass);
        if (!mayPass || attempt >= attempts || io.interrupted().aborted) throw error;
        await io.sleep(pauseMs);
      }
    }
  } finally {
    await kubernetes.close();
  }
}
