import { z } from 'zod';
import { type Digest, digestSchema } from './digest';
import { keySetSchema, publicKeySchema } from './keys';

/**
 * Joining: an admin registers a cluster and is given a token, once; the agent brings its own key and proves that it has it.
 * The token carries the digest of the hub's root key, so the agent knows the hub before it trusts a word of it.
 */
const prefix = 'fj1.';

export interface JoinToken {
  cluster: string;
  /** 32 random bytes in base64url; the hub keeps only a hash. */
  secret: string;
  rootKey: Digest;
}

const tokenSchema = z.object({ c: z.uuid(), s: z.string().min(43).max(43), r: digestSchema });

export function encodeJoinToken(token: JoinToken): string {
  const value = { c: token.cluster, s: token.secret, r: token.rootKey };
  return prefix + Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function decodeJoinToken(text: string): { ok: true; token: JoinToken } | { ok: false; message: string } {
  const bad = { ok: false as const, message: 'this is not a join token; `flotilla cluster register` prints one' };
  if (!text.startsWith(prefix)) return bad;
  try {
    const parsed = tokenSchema.safeParse(
      JSON.parse(Buffer.from(text.slice(prefix.length), 'base64url').toString('utf8')),
    );
    return parsed.success
      ? { ok: true, token: { cluster: parsed.data.c, secret: parsed.data.s, rootKey: parsed.data.r } }
      : bad;
  } catch {
    return bad;
  }
}

/** What the agent signs with its new key when it joins. */
export const joinClaimSchema = z.object({
  cluster: z.uuid(),
  publicKey: publicKeySchema,
  clusterUid: z.string().min(1).max(100),
});
export type JoinClaim = z.infer<typeof joinClaimSchema>;

export const joinAnswerSchema = z.object({
  hub: z.uuid(),
  cluster: z.uuid(),
  name: z.string(),
  region: z.string(),
  keys: keySetSchema,
});
export type JoinAnswer = z.infer<typeof joinAnswerSchema>;
