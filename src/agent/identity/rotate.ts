import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keyIdOf, publicKeyText, signText } from '#libs/protocol/keys';
import type { RotateClaim } from '#libs/protocol/rotate';
import { signValue } from '#libs/protocol/signed';
import { AgentError } from '../errors';
import type { HubClient } from '../hub/port';
import type { KubernetesApi } from '../kubernetes/port';
import { agentNamespace, identitySecret, ownFieldManager } from '../names';
import { type Identity, identityObject, identityReference, readIdentity, type StoredIdentity } from './identity';

export interface RotationInputs {
  kubernetes: KubernetesApi;
  identity: Identity;
  client: HubClient;
  now: Date;
}

/**
 * Replaces the agent's key: the new one is written down in the cluster, told to the hub, and only then takes the place of
 * the present one. Whichever side dies whenever, doing it again finishes it. Changes `identity` and gives the key's id.
 * Throws `KubernetesError` and `HubError` as they come; then the present key is still the one to use.
 */
export async function rotateKey(inputs: RotationInputs): Promise<string> {
  const { kubernetes, identity, client, now } = inputs;
  if (await adoptStoredKey(kubernetes, identity)) return idOf(identity.privateKey);
  const next = await storedNextKey(kubernetes);
  const claim: RotateClaim = {
    cluster: identity.cluster,
    hub: identity.hub,
    publicKey: publicKeyText(next),
    sentAt: now.toISOString(),
  };
  const signed = signValue('flotilla.dev/rotate/v1', claim, identity.privateKey);
  await client.rotateKey({ claim: signed, proof: signText('flotilla.dev/rotate-proof/v1', signed.payload, next) });
  await changeStored(kubernetes, (stored) => {
    const isOurs = stored.nextPrivateKey === pemOf(next);
    const { nextPrivateKey: _, ...rest } = stored;
    return isOurs ? { ...rest, privateKey: pemOf(next), keyMadeAt: now.toISOString() } : stored;
  });
  identity.privateKey = next;
  // Its first use ends the former one.
  await client.prove();
  return idOf(next);
}

/** Takes over the key that is in the cluster, where another process has replaced it. False when it is the same. */
export async function adoptStoredKey(kubernetes: KubernetesApi, identity: Identity): Promise<boolean> {
  const { stored } = await read(kubernetes);
  const privateKey = createPrivateKey(stored.privateKey);
  if (stored.cluster !== identity.cluster || idOf(privateKey) === idOf(identity.privateKey)) return false;
  identity.privateKey = privateKey;
  return true;
}

/** When the present key was made, and whether its rotation was begun and not finished. */
export async function keyAge(kubernetes: KubernetesApi): Promise<{ madeAt: Date; isRotating: boolean }> {
  const { stored, object } = await read(kubernetes);
  const madeAt = stored.keyMadeAt ?? object.metadata.creationTimestamp;
  return { madeAt: new Date(madeAt ?? 0), isRotating: stored.nextPrivateKey !== undefined };
}

async function storedNextKey(kubernetes: KubernetesApi): Promise<KeyObject> {
  const stored = await changeStored(kubernetes, (present) =>
    present.nextPrivateKey === undefined
      ? { ...present, nextPrivateKey: pemOf(generateKeyPairSync('ed25519').privateKey) }
      : present,
  );
  return createPrivateKey(stored.nextPrivateKey!);
}

/** A compare-and-swap that fails with `conflict` when somebody else was faster; the next attempt reads again. */
async function changeStored(
  kubernetes: KubernetesApi,
  change: (stored: StoredIdentity) => StoredIdentity,
): Promise<StoredIdentity> {
  const { stored, object } = await read(kubernetes);
  const changed = change(stored);
  if (changed !== stored) await kubernetes.replace(identityObject(changed, object), { fieldManager: ownFieldManager });
  return changed;
}

async function read(kubernetes: KubernetesApi) {
  const object = await kubernetes.get(identityReference);
  if (object === undefined) throw new AgentError(`Secret ${agentNamespace}/${identitySecret} is gone; join again`);
  return { object, stored: readIdentity(object) };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function idOf(key: KeyObject): string {
  return keyIdOf(publicKeyText(key));
}
