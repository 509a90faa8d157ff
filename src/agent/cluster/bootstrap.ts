import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import { referenceOf } from '#libs/kubernetes/object';
import { AgentError } from '../errors';
import { type KubernetesApi, KubernetesError } from '../kubernetes/port';
import { agentNamespace, ownFieldManager, ownLabels, platformBinding, platformServiceAccount } from '../names';

const kubeSystem: ObjectReference = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' };

/** The UID of `kube-system`: which cluster this really is. */
export async function clusterUidOf(kubernetes: KubernetesApi): Promise<string> {
  const uid = (await kubernetes.get(kubeSystem))?.metadata.uid;
  if (uid === undefined) {
    throw new AgentError('namespace kube-system cannot be found, so this cluster cannot be told from others');
  }
  return uid;
}

export async function ensureAgentNamespace(kubernetes: KubernetesApi): Promise<void> {
  await ensure(kubernetes, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: agentNamespace, labels: { ...ownLabels } },
  });
}

/** The service account that platform applications are applied as, with all rights: for clusters that nobody prepared. */
export async function ensurePlatformAccount(kubernetes: KubernetesApi): Promise<void> {
  try {
    await ensure(kubernetes, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: platformServiceAccount, namespace: agentNamespace, labels: { ...ownLabels } },
    });
    await ensure(kubernetes, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: platformBinding, labels: { ...ownLabels } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: platformServiceAccount, namespace: agentNamespace }],
    });
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.errorClass !== 'forbidden') throw error;
    throw new AgentError(
      `the agent may not create service account ${agentNamespace}/${platformServiceAccount} and its binding to ` +
        `cluster-admin (${error.message}); create both by hand with the rights that applications need, or start the ` +
        'agent with a credential of a cluster admin',
    );
  }
}

async function ensure(kubernetes: KubernetesApi, object: KubernetesObject): Promise<void> {
  if ((await kubernetes.get(referenceOf(object))) !== undefined) return;
  try {
    await kubernetes.create(object, { fieldManager: ownFieldManager });
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.errorClass !== 'alreadyExists') throw error;
  }
}

/** The user to impersonate for a scope's `namespace/name`; undefined where it is applied as the agent itself. */
export function impersonatedUser(serviceAccount: string | null): string | undefined {
  return serviceAccount === null ? undefined : `system:serviceaccount:${serviceAccount.replace('/', ':')}`;
}
