import { createHash } from 'node:crypto';
import { canonicalJson } from '#libs/protocol/canonical';

/** Of a value that must not be seen. Salted with the object's UID, so that equal secrets do not look equal. */
export function digestOfSensitive(salt: string, value: unknown): string {
  return createHash('sha256')
    .update(`${salt}\0${canonicalJson(value)}`)
    .digest('hex');
}

/** Enough to see whether two differ, and too little to try passwords against. */
export function shownDigest(digest: string): string {
  return `sha256:${digest.slice(0, 6)}…`;
}
