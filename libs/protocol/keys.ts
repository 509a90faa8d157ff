import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical';
import { type Digest, digestOfText } from './digest';

/**
 * Ed25519 keys and what they sign. A signature is over `purpose \0 text`, so that what was signed for one purpose is worth
 * nothing for another.
 */
export type SignaturePurpose =
  | 'flotilla.dev/root/v1'
  | 'flotilla.dev/report/v1'
  | 'flotilla.dev/signing-key/v1'
  | 'flotilla.dev/join/v1'
  | 'flotilla.dev/session/v1'
  | 'flotilla.dev/session-answer/v1'
  | 'flotilla.dev/rotate/v1'
  | 'flotilla.dev/rotate-proof/v1';

/** The raw 32 bytes of an Ed25519 public key in base64url. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a public key is 32 bytes in base64url');

export function publicKeyText(key: KeyObject): string {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new TypeError('not an Ed25519 key');
  return jwk.x;
}

export function publicKeyFrom(text: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' });
}

/** Names a key in headers, envelopes and logs: the first 16 digits of the digest of its text. */
export function keyIdOf(publicKey: string): string {
  return digestOfText(publicKey).slice(0, 16);
}

export function keyDigest(publicKey: string): Digest {
  return digestOfText(publicKey);
}

function bytesFor(purpose: SignaturePurpose, text: string): Buffer {
  return Buffer.from(`${purpose}\0${text}`, 'utf8');
}

/** Base64url. */
export function signText(purpose: SignaturePurpose, text: string, privateKey: KeyObject): string {
  return sign(null, bytesFor(purpose, text), privateKey).toString('base64url');
}

export function verifyText(
  purpose: SignaturePurpose,
  text: string,
  signature: string,
  publicKey: KeyObject | string,
): boolean {
  const key = typeof publicKey === 'string' ? publicKeyFrom(publicKey) : publicKey;
  return verify(null, bytesFor(purpose, text), key, Buffer.from(signature, 'base64url'));
}

/** The hub's keys as agents know them: one root key, pinned by the join token, and signing keys that it vouches for. */
export const keySetSchema = z.object({
  root: publicKeySchema,
  signing: z
    .array(z.object({ publicKey: publicKeySchema, version: z.number().int().min(1), signature: z.string() }))
    .min(1)
    .max(16),
});
export type KeySet = z.infer<typeof keySetSchema>;

/** Names one state of the key set: an agent that was told another one fetches it anew. 16 digits. */
export function keySetId(keys: KeySet): string {
  return digestOfText(canonicalJson(keys)).slice(0, 16);
}

export function signingKeyText(publicKey: string, version: number): string {
  return canonicalJson({ publicKey, version });
}

/** The signing keys by key id, or why the set is not to be trusted under this pinned root. */
export function trustedSigningKeys(
  keys: KeySet,
  pinnedRoot: Digest,
): { ok: true; keys: Map<string, string> } | { ok: false; message: string } {
  if (keyDigest(keys.root) !== pinnedRoot) {
    return { ok: false, message: "the hub's root key is not the one that the join token names" };
  }
  const trusted = new Map<string, string>();
  for (const { publicKey, version, signature } of keys.signing) {
    if (!verifyText('flotilla.dev/signing-key/v1', signingKeyText(publicKey, version), signature, keys.root)) {
      return { ok: false, message: `signing key ${keyIdOf(publicKey)} is not signed by the hub's root key` };
    }
    trusted.set(keyIdOf(publicKey), publicKey);
  }
  return { ok: true, keys: trusted };
}
