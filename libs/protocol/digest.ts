import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical';

/** SHA-256 of canonical bytes, 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly __brand: 'Digest' };

export const digestSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a digest is 64 lower-case hexadecimal digits')
  .transform((text) => text as Digest);

export function digestOfText(text: string): Digest {
  return createHash('sha256').update(text, 'utf8').digest('hex') as Digest;
}

export function digestOf(value: unknown): Digest {
  return digestOfText(canonicalJson(value));
}
