import { z } from 'zod';

/** The life that is asked for a hosted agent's token; the API server may give a shorter one. */
export const hostedTokenLifeSeconds = 30 * 86_400;

const maxLength = 16_384;

const claimsSchema = z.object({
  sub: z.string(),
  iat: z.number().int().positive().optional(),
  exp: z.number().int().positive().optional(),
});

/** What a service account token says of itself; its signature is the API server's to check. */
export interface TokenClaims {
  namespace: string;
  name: string;
  /** When it was issued and when it expires; undefined for those that never do. */
  life?: { issuedAt: Date; expiresAt: Date };
}

/** Undefined where it is no token of a service account. */
export function serviceAccountTokenClaims(token: string): TokenClaims | undefined {
  if (token.length > maxLength || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) return undefined;
  const { sub, iat, exp } = claims.data;
  const account = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/.exec(sub);
  if (account?.[1] === undefined || account[2] === undefined) return undefined;
  const named = { namespace: account[1], name: account[2] };
  if (exp === undefined) return named;
  return { ...named, life: { issuedAt: new Date((iat ?? exp) * 1_000), expiresAt: new Date(exp * 1_000) } };
}

/** A token is renewed when half of its life has passed; one that never expires is exchanged for one that does, at once. */
export function isRenewalDue(life: { since: Date; until: Date } | undefined, now: Date): boolean {
  if (life === undefined) return true;
  const half = (life.until.getTime() - life.since.getTime()) / 2;
  return now.getTime() >= life.until.getTime() - Math.max(0, half);
}
