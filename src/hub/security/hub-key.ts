import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { keyIdOf, publicKeyText, signingKeyText, signText } from '#libs/protocol/keys';
import type { Database } from '#src/hub/database/database';
import type { Sealing } from './sealing';

const purpose = 'hub-keys';

export type KeyRole = 'root' | 'signing' | 'token';

export interface KeyRow {
  key_id: string;
  role: KeyRole;
  version: number;
  public_key: string | null;
  private_key_sealed: Buffer;
  /** By the root key, over a signing key. */
  signature: string | null;
  created_at: Date;
  /** The hub signs with it from then on. */
  active_from: Date;
  /** No longer good from then on; it may lie ahead. */
  retired_at: Date | null;
}

export interface NewKey extends Pick<KeyRow, 'key_id' | 'role' | 'version' | 'public_key' | 'signature'> {
  secret: Buffer;
}

export function newRootKey(): { key: NewKey; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const text = publicKeyText(publicKey);
  const common = { role: 'root' as const, version: 1, signature: null };
  return { key: { ...common, key_id: keyIdOf(text), public_key: text, secret: derOf(privateKey) }, privateKey };
}

export function newSigningKey(version: number, rootKey: KeyObject): NewKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const text = publicKeyText(publicKey);
  const signature = signText('flotilla.dev/signing-key/v1', signingKeyText(text, version), rootKey);
  return { key_id: keyIdOf(text), role: 'signing', version, public_key: text, secret: derOf(privateKey), signature };
}

export function newTokenKey(version: number): NewKey {
  const keyId = randomBytes(8).toString('hex');
  return { key_id: keyId, role: 'token', version, public_key: null, secret: randomBytes(32), signature: null };
}

function derOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' });
}

export async function insertKey(database: Database, sealing: Sealing, key: NewKey, activeInMs = 0): Promise<void> {
  await database.execute(
    `INSERT INTO hub_keys (key_id, role, version, public_key, private_key_sealed, signature, active_from)
     VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 ms')`,
    [
      key.key_id,
      key.role,
      key.version,
      key.public_key,
      sealing.seal(purpose, key.key_id, key.secret),
      key.signature,
      activeInMs,
    ],
  );
}

/** Throws when the encryption key is not the one that it was sealed with. */
export function openKey(sealing: Sealing, row: Pick<KeyRow, 'key_id' | 'private_key_sealed'>): Buffer {
  return sealing.open(purpose, row.key_id, row.private_key_sealed);
}
