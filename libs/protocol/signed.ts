import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical';
import { keyIdOf, publicKeyText, type SignaturePurpose, signText, verifyText } from './keys';

/** A text with its signature. The text is verified as it came, and parsed only after. */
export const signedSchema = z.object({
  payload: z.string().max(4 * 1024 * 1024),
  keyId: z.string().max(64),
  signature: z.string().max(128),
});
export type Signed = z.infer<typeof signedSchema>;

export function signValue(purpose: SignaturePurpose, value: unknown, privateKey: KeyObject): Signed {
  const payload = canonicalJson(value);
  return { payload, keyId: keyIdOf(publicKeyText(privateKey)), signature: signText(purpose, payload, privateKey) };
}

export type Opened<T> = { ok: true; value: T } | { ok: false; message: string };

/** Verifies, then parses by the schema. */
export function openSigned<T>(
  purpose: SignaturePurpose,
  signed: Signed,
  publicKey: KeyObject | string,
  schema: z.ZodType<T>,
): Opened<T> {
  if (!verifyText(purpose, signed.payload, signed.signature, publicKey)) {
    return { ok: false, message: `the signature by key ${signed.keyId} does not fit` };
  }
  let value: unknown;
  try {
    value = JSON.parse(signed.payload);
  } catch {
    return { ok: false, message: 'the signed text is not JSON' };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { ok: false, message: `the signed text is malformed: ${z.prettifyError(parsed.error)}` };
  return { ok: true, value: parsed.data };
}
