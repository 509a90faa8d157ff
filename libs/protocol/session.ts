import { createHmac, createPublicKey, diffieHellman, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical';
import { type Heartbeat, heartbeatSchema, type SealedHeartbeat } from './report';
import type { Opened } from './signed';

/**
 * The handshake that opens a session: both sides sign an ephemeral X25519 key, and the session key for heartbeats comes
 * from their shared secret by HKDF-SHA256. The hub keeps the latest two sessions of a cluster.
 */
export const sessionRequestSchema = z.object({
  cluster: z.uuid(),
  hub: z.uuid(),
  session: z.number().int().min(1),
  /** Raw X25519 public key in base64url. */
  ephemeral: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** UID of the `kube-system` namespace: which cluster this really is. */
  clusterUid: z.string().max(100),
  sentAt: z.iso.datetime(),
  /** Versions of the protocol that the agent speaks. */
  protocols: z.array(z.number().int().min(0).max(1_000)).min(1).max(16).default([1]),
});
export type SessionRequest = z.infer<typeof sessionRequestSchema>;

export const sessionAnswerSchema = z.object({
  cluster: z.uuid(),
  session: z.number().int().min(1),
  ephemeral: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Echo of the agent's ephemeral key: the answer is to this request. */
  to: z.string(),
  /** Version of the protocol for all that follows. */
  protocol: z.number().int().default(1),
});
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;

export function ephemeralText(key: KeyObject): string {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (jwk.crv !== 'X25519' || jwk.x === undefined) throw new TypeError('not an X25519 key');
  return jwk.x;
}

export function sessionKey(ownPrivate: KeyObject, theirs: string, cluster: string, session: number): Buffer {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs }, format: 'jwk' });
  const shared = diffieHellman({ privateKey: ownPrivate, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, '', `flotilla.dev/heartbeat/v1 ${cluster} ${session}`, 32));
}

export function sealHeartbeat(heartbeat: Heartbeat, key: Buffer): SealedHeartbeat {
  const payload = canonicalJson(heartbeat);
  return { payload, mac: createHmac('sha256', key).update(payload).digest('base64url') };
}

export function openHeartbeat(sealed: SealedHeartbeat, key: Buffer): Opened<Heartbeat> {
  const expected = createHmac('sha256', key).update(sealed.payload).digest();
  const given = Buffer.from(sealed.mac, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { ok: false, message: 'the HMAC of the heartbeat does not fit its session key' };
  }
  return peekHeartbeat(sealed.payload);
}

/** What a heartbeat claims to be, before its HMAC is checked: needed to find the key. */
export function peekHeartbeat(payload: string): Opened<Heartbeat> {
  try {
    const parsed = heartbeatSchema.safeParse(JSON.parse(payload));
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, message: `malformed heartbeat: ${z.prettifyError(parsed.error)}` };
  } catch {
    return { ok: false, message: 'the heartbeat is not JSON' };
  }
}
