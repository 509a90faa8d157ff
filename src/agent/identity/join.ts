import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { digestOfText } from '#libs/protocol/digest';
import { decodeJoinToken, type JoinClaim, type JoinToken } from '#libs/protocol/join';
import { publicKeyText, trustedSigningKeys } from '#libs/protocol/keys';
import { type Signed, signValue } from '#libs/protocol/signed';
import { AgentError } from '../errors';
import type { HubGateway } from '../hub/port';
import { type KubernetesApi, KubernetesError } from '../kubernetes/port';
import { agentNamespace, identitySecret, ownFieldManager } from '../names';
import {
  type Identity,
  identityFrom,
  identityObject,
  identityReference,
  readIdentity,
  type StoredIdentity,
} from './identity';

export interface JoinInputs {
  kubernetes: KubernetesApi;
  clusterUid: string;
  /** Needed to join; later it overrides the address that was stored. */
  hubUrl?: string;
  joinToken?: string;
  gatewayTo(hubUrl: string): HubGateway;
  /** Calls the hub again while it cannot be reached. */
  patiently<T>(what: string, call: () => Promise<T>): Promise<T>;
}

interface Held {
  stored: StoredIdentity;
  object: KubernetesObject;
}

/** The identity in the cluster; where there is none yet, or the token is new, the hub is asked to join. */
export async function establishIdentity(inputs: JoinInputs): Promise<Identity> {
  const token = inputs.joinToken === undefined ? undefined : parseToken(inputs.joinToken);
  const present = await inputs.kubernetes.get(identityReference);
  let held: Held | undefined = present && { stored: readIdentity(present), object: present };
  if (held === undefined) {
    if (token === undefined) throw new AgentError(`this cluster has not joined a hub; ${howToJoin}`);
    held = await storeNewKey(inputs, token);
  }
  if (token !== undefined) refuseOtherCluster(held.stored, token);
  const hubUrl = inputs.hubUrl ?? held.stored.hubUrl;
  const isJoined = held.stored.hub !== undefined;
  if (token !== undefined && (!isJoined || held.stored.joinedWith !== secretDigest(token))) {
    const joining = isJoined ? await withNextKey(inputs, held) : held;
    return join(inputs, { ...joining, stored: { ...joining.stored, hubUrl } }, token);
  }
  const identity = identityFrom(held.stored);
  if (identity === undefined) throw new AgentError(`joining was begun and not finished; ${howToJoin}`);
  return { ...identity, hubUrl };
}

const howToJoin = 'run `flotilla cluster register` and start the agent with the token and address that it prints';

function parseToken(text: string): JoinToken {
  const decoded = decodeJoinToken(text);
  if (!decoded.ok) throw new AgentError(decoded.message);
  return decoded.token;
}

function secretDigest(token: JoinToken): string {
  return digestOfText(`flotilla.dev/joined-with ${token.secret}`);
}

function refuseOtherCluster(stored: StoredIdentity, token: JoinToken): void {
  if (stored.cluster === token.cluster && stored.rootKey === token.rootKey) return;
  const what = stored.cluster === token.cluster ? 'of another hub' : `for cluster ${token.cluster}`;
  throw new AgentError(
    `this cluster has joined as ${stored.cluster}, and the join token is ${what}; deregister it there first and delete ` +
      `Secret ${agentNamespace}/${identitySecret}, or start the agent without the token`,
  );
}

async function storeNewKey(inputs: JoinInputs, token: JoinToken): Promise<Held> {
  if (inputs.hubUrl === undefined) throw new AgentError(`the address of the hub is missing; ${howToJoin}`);
  const { privateKey } = generateKeyPairSync('ed25519');
  const stored: StoredIdentity = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cluster: token.cluster,
    hubUrl: inputs.hubUrl,
    rootKey: token.rootKey,
    joinedWith: '',
    name: '',
    region: '',
  };
  try {
    const object = await inputs.kubernetes.create(identityObject(stored), { fieldManager: ownFieldManager });
    return { stored, object };
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.errorClass !== 'alreadyExists') throw error;
    // Another agent was faster: one cluster has one key.
    const object = await inputs.kubernetes.get(identityReference);
    if (object === undefined) throw error;
    return { stored: readIdentity(object), object };
  }
}

/** Joining again is with another key: the former one may be revoked. It is kept first, as at the first time. */
async function withNextKey({ kubernetes }: JoinInputs, { stored, object }: Held): Promise<Held> {
  if (stored.nextPrivateKey !== undefined) return { stored, object };
  const { privateKey } = generateKeyPairSync('ed25519');
  const nextPrivateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const changed = { ...stored, nextPrivateKey };
  const replaced = await kubernetes.replace(identityObject(changed, object), { fieldManager: ownFieldManager });
  return { stored: changed, object: replaced };
}

async function join(inputs: JoinInputs, held: Held, token: JoinToken): Promise<Identity> {
  const { stored } = held;
  const { nextPrivateKey, ...present } = stored;
  const privateKey = nextPrivateKey ?? stored.privateKey;
  const claim = signedClaim({ ...stored, privateKey }, inputs.clusterUid);
  const gateway = inputs.gatewayTo(stored.hubUrl);
  const answer = await inputs.patiently('joining', () =>
    gateway.join({ cluster: token.cluster, secret: token.secret, claim }),
  );
  const trusted = trustedSigningKeys(answer.keys, token.rootKey);
  if (!trusted.ok) throw new AgentError(`the hub at ${stored.hubUrl} is not trusted: ${trusted.message}`);
  if (answer.cluster !== token.cluster) {
    throw new AgentError(`the hub at ${stored.hubUrl} answered for cluster ${answer.cluster}, not ${token.cluster}`);
  }
  const { hub, name, region } = answer;
  const keyMadeAt = nextPrivateKey === undefined ? stored.keyMadeAt : new Date().toISOString();
  const joined: StoredIdentity = {
    ...present,
    privateKey,
    ...(keyMadeAt === undefined ? {} : { keyMadeAt }),
    hub,
    name,
    region,
    joinedWith: secretDigest(token),
  };
  await inputs.kubernetes.replace(identityObject(joined, held.object), { fieldManager: ownFieldManager });
  return identityFrom(joined)!;
}

function signedClaim(stored: StoredIdentity, clusterUid: string): Signed {
  const privateKey = createPrivateKey(stored.privateKey);
  const claim: JoinClaim = { cluster: stored.cluster, publicKey: publicKeyText(privateKey), clusterUid };
  return signValue('flotilla.dev/join/v1', claim, privateKey);
}
