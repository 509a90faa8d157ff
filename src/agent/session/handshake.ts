import { generateKeyPairSync } from 'node:crypto';
import { type Digest } from '#libs/protocol/digest';
import { keySetId, trustedSigningKeys, type KeySet } from '#libs/protocol/keys';
import { ephemeralText, sessionAnswerSchema, sessionKey, type SessionRequest } from '#libs/protocol/session';
import { openSigned, signValue } from '#libs/protocol/signed';
import { spokenProtocols } from '#libs/protocol/versions';
import type { OpenedSession } from '#libs/protocol/sync';
import { type HubClient, HubError } from '../hub/port';
import type { Identity } from '../identity/identity';

export interface Session {
  number: number;
  /** Seals heartbeats. */
  key: Buffer;
  /** As the hub sent it, to be kept beside the root. */
  keySet: KeySet;
  keySetId: string;
  /** Trusted signing keys by key id. */
  keys: ReadonlyMap<string, string>;
  settings: OpenedSession['settings'];
  /** Version of the protocol that the hub chose. */
  protocol: number;
}

/** Opens the session at the hub. Throws `HubError`; of kind `protocol` when the hub cannot prove that it is ours. */
export async function openSession(
  client: HubClient,
  identity: Identity,
  clusterUid: string,
  number: number,
  now: Date,
  protocols: readonly number[] = spokenProtocols,
): Promise<Session> {
  const { privateKey } = generateKeyPairSync('x25519');
  const ephemeral = ephemeralText(privateKey);
  const request: SessionRequest = {
    cluster: identity.cluster,
    hub: identity.hub,
    session: number,
    ephemeral,
    clusterUid,
    sentAt: now.toISOString(),
    protocols: [...protocols],
  };
  const opened = await client.openSession(signValue('flotilla.dev/session/v1', request, identity.privateKey));
  const keys = trustedKeys(opened.keys, identity.rootKey);
  const signingKey = keys.get(opened.answer.keyId);
  if (signingKey === undefined)
    throw distrust(`its answer is signed by key ${opened.answer.keyId}, which is not its own`);
  const answer = openSigned('flotilla.dev/session-answer/v1', opened.answer, signingKey, sessionAnswerSchema);
  if (!answer.ok) throw distrust(answer.message);
  const { value } = answer;
  if (value.cluster !== identity.cluster || value.session !== number || value.to !== ephemeral) {
    throw distrust('its answer is to another request');
  }
  const { protocol } = value;
  if (!protocols.includes(protocol)) {
    throw new HubError(
      'protocol',
      `the hub chose protocol ${protocol}, which this agent does not speak: upgrade the agent`,
    );
  }
  const key = sessionKey(privateKey, value.ephemeral, identity.cluster, number);
  return {
    number,
    key,
    keySet: opened.keys,
    keySetId: keySetId(opened.keys),
    keys,
    settings: opened.settings,
    protocol,
  };
}

function trustedKeys(keySet: KeySet, rootKey: Digest): ReadonlyMap<string, string> {
  const trusted = trustedSigningKeys(keySet, rootKey);
  if (!trusted.ok) throw distrust(trusted.message);
  return trusted.keys;
}

function distrust(why: string): HubError {
  return new HubError('protocol', `the hub cannot prove that it is ours: ${why}`);
}
