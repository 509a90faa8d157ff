import { createPrivateKey } from 'node:crypto';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { swapConfigMap } from '#src/agent/cluster/config-map';
import { AgentError } from '#src/agent/errors';
import { identityReference, readIdentity, type StoredIdentity } from '#src/agent/identity/identity';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import { agentNamespace, identitySecret, stateConfigMap } from '#src/agent/names';

export interface JoiningCluster {
  id: string;
  /** Of the agent that has joined; undefined: none has, or it was revoked. */
  agentKeyId: string | undefined;
  mayJoin: boolean;
}

/**
 * A join token where the agent needs one; undefined where it has joined. Another key than the known one joins only if an
 * admin allowed it. Throws AgentError where a person has to put something right.
 */
export async function joinTokenFor(
  kubernetes: KubernetesApi,
  { id, agentKeyId, mayJoin }: JoiningCluster,
  issue: () => Promise<string>,
): Promise<string | undefined> {
  const present = await kubernetes.get(identityReference);
  const stored = present && readIdentity(present);
  if (stored !== undefined && stored.cluster !== id) {
    throw new AgentError(
      `it has joined as cluster ${stored.cluster}; deregister it there, then \`kubectl -n ${agentNamespace} delete secret ` +
        `${identitySecret}\``,
    );
  }
  if (agentKeyId === undefined) {
    // A key that was revoked does not come back.
    if (stored?.hub !== undefined) await deleteIdentity(kubernetes, present?.metadata.uid);
    return await issue();
  }
  if (stored?.hub !== undefined) return undefined;
  // The hub's answer was lost, or the Secret.
  if (mayJoin || (stored !== undefined && keyIdIn(stored) === agentKeyId)) return await issue();
  throw new AgentError(
    `the key of its agent is gone (Secret ${agentNamespace}/${identitySecret}): an admin lets it join with a new one by ` +
      'running `flotilla cluster add` again',
  );
}

/** The cluster has left the fleet: it may join one again, as a new cluster whose roots begin anew. */
export async function forgetRegistration(kubernetes: KubernetesApi, clusterId: string): Promise<void> {
  const present = await kubernetes.get(identityReference);
  if (present === undefined || readIdentity(present).cluster !== clusterId) return;
  await swapConfigMap(kubernetes, stateConfigMap, ({ root: _, ...rest }) => rest);
  await deleteIdentity(kubernetes, present.metadata.uid);
}

async function deleteIdentity(kubernetes: KubernetesApi, uid: string | undefined): Promise<void> {
  if (uid !== undefined) await kubernetes.delete(identityReference, { uid });
}

function keyIdIn(stored: StoredIdentity): string {
  return keyIdOf(publicKeyText(createPrivateKey(stored.privateKey)));
}
