import { AgentError } from '../errors';
import { httpHub } from '../hub/http';
import type { KubernetesApi } from '../kubernetes/port';
import { systemRuntime } from '../runtime';
import { identityFrom, identityReference, readIdentity } from './identity';
import { rotateKey } from './rotate';

/** Replaces the key that is in the cluster, beside an agent that may run there. Throws as `rotateKey`, and `AgentError`. */
export async function rotateStoredKey(options: {
  kubernetes: KubernetesApi;
  hubCa?: string;
}): Promise<{ cluster: string; keyId: string }> {
  const { kubernetes, hubCa } = options;
  const present = await kubernetes.get(identityReference);
  const identity = present === undefined ? undefined : identityFrom(readIdentity(present));
  if (identity === undefined) throw new AgentError('this cluster has not joined a hub, so there is no key to replace');
  const gateway = httpHub({ url: identity.hubUrl, ca: hubCa, runtime: systemRuntime });
  try {
    const now = systemRuntime.now();
    const keyId = await rotateKey({ kubernetes, identity, client: gateway.as(identity), now });
    return { cluster: identity.name, keyId };
  } finally {
    await gateway.close();
  }
}
