import { createHash, randomBytes } from 'node:crypto';

const form = /^flt_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

export interface TokenParts {
  /** UUID of the token's row. */
  id: string;
  hash: Buffer;
}

/** `flt_<id>_<secret>`: the id finds the row, 32 random bytes prove it; only their SHA-256 is stored. */
export function newTokenText(id: string): { token: string; hash: Buffer } {
  const secret = randomBytes(32).toString('base64url');
  return { token: `flt_${id.replaceAll('-', '')}_${secret}`, hash: hashOf(secret) };
}

/** Undefined for what has not the form of a token. */
export function parseTokenText(text: string): TokenParts | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { id: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), hash: hashOf(secret) };
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
