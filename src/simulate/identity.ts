import { z } from 'zod';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { configMapReference } from '#src/agent/cluster/config-map';
import { clusterUidOf } from '#src/agent/cluster/bootstrap';
import { identityObject, identityReference, readIdentity, storedSchema } from '#src/agent/identity/identity';
import type { MemoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { agentNamespace, stateConfigMap } from '#src/agent/names';

/** What is kept of a simulated cluster between runs: which cluster it is, and the key of its agent. It comes back empty. */
export const keptClusterSchema = z.object({
  /** In the fleet, from 0. */
  index: z.number().int().min(0),
  name: z.string(),
  /** UID of its `kube-system`. */
  uid: z.string(),
  identity: storedSchema,
});
export type KeptCluster = z.infer<typeof keptClusterSchema>;

/** Of a cluster whose agent has joined. */
export async function keptCluster(
  { index, name }: Pick<KeptCluster, 'index' | 'name'>,
  kubernetes: MemoryKubernetes,
): Promise<KeptCluster> {
  const secret = kubernetes.peek(identityReference);
  if (secret === undefined) throw new Error(`the agent of ${name} has no identity`);
  return { index, name, uid: await clusterUidOf(kubernetes), identity: readIdentity(secret) };
}

/**
 * The objects of a new cluster with that identity. Its session counter begins at the seconds of the clock, so that it is
 * above that of any former run without having been written down each time.
 */
export function objectsOf({ uid, identity }: KeptCluster, now: Date): KubernetesObject[] {
  const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease', agentNamespace].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }));
  const { name } = configMapReference(stateConfigMap);
  const state = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: agentNamespace },
    data: { session: String(Math.floor(now.getTime() / 1_000)) },
  };
  return [...namespaces, identityObject(identity), state].map((object: KubernetesObject, index) => ({
    ...object,
    metadata: {
      ...object.metadata,
      uid: object.metadata.name === 'kube-system' ? uid : `${uid.slice(0, -4)}${String(index).padStart(4, '0')}`,
      resourceVersion: String(index + 1),
      creationTimestamp: now.toISOString(),
    },
  }));
}
