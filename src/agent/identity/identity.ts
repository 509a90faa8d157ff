import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { type Digest, digestSchema } from '#libs/protocol/digest';
import { AgentError } from '../errors';
import { agentNamespace, identitySecret, ownLabels } from '../names';

/** Who the agent is, and whom it believes. */
export interface Identity {
  cluster: string;
  hub: string;
  hubUrl: string;
  /** Digest of the hub's root key, from the join token. */
  rootKey: Digest;
  /** Replaced in place when the agent rotates it. */
  privateKey: KeyObject;
  /** As the hub knew them at joining. */
  name: string;
  region: string;
}

/**
 * The Secret `flotilla-agent`. It is written with the key before the hub is asked, so that whatever happens between, the
 * same key asks again; `hub`, `name` and `region` come with the hub's answer.
 */
export const storedSchema = z.object({
  privateKey: z.string(),
  /** Made and perhaps told to the hub, not used yet: whatever happened between, rotating goes on with it. */
  nextPrivateKey: z.string().optional(),
  /** When the present key was made, if it is not the first: that one is as old as the Secret. */
  keyMadeAt: z.iso.datetime().optional(),
  cluster: z.uuid(),
  hubUrl: z.string(),
  rootKey: digestSchema,
  /** Digest of the join token's secret that was last used: a token that is still in the arguments is not used again. */
  joinedWith: z.string(),
  hub: z.uuid().optional(),
  name: z.string().default(''),
  region: z.string().default(''),
});
export type StoredIdentity = z.infer<typeof storedSchema>;

export const identityReference = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  namespace: agentNamespace,
  name: identitySecret,
};

export function identityObject(stored: StoredIdentity, present?: KubernetesObject): KubernetesObject {
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(stored)) {
    if (value !== undefined) data[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  const metadata = present?.metadata ?? { name: identitySecret, namespace: agentNamespace, labels: { ...ownLabels } };
  return { ...present, apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data };
}

export function readIdentity(object: KubernetesObject): StoredIdentity {
  const data = (object.data ?? {}) as Record<string, string>;
  const values = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
  const parsed = storedSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  // Names of fields only: the values are secret.
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ');
  throw new AgentError(
    `Secret ${agentNamespace}/${identitySecret} is incomplete or damaged (${fields}); delete it and join again with a ` +
      'new token',
  );
}

export function identityFrom(stored: StoredIdentity): Identity | undefined {
  const { hub, cluster, hubUrl, rootKey, name, region } = stored;
  if (hub === undefined) return undefined;
  return { hub, cluster, hubUrl, rootKey, name, region, privateKey: createPrivateKey(stored.privateKey) };
}
