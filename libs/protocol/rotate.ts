import { z } from 'zod';
import { publicKeySchema } from './keys';
import { signedSchema } from './signed';

/**
 * An agent brings another key of its own: `POST /agent/v1/rotate`, under a token of the present key. The request is signed
 * by the present key, and the new one proves by a second signature over the same text that the agent has it. It may be
 * asked again at will. The present key stays good until the new one is used for the first time, to ask for a token.
 */
export const rotateClaimSchema = z.object({
  cluster: z.uuid(),
  hub: z.uuid(),
  /** The new one. */
  publicKey: publicKeySchema,
  sentAt: z.iso.datetime(),
});
export type RotateClaim = z.infer<typeof rotateClaimSchema>;

export const rotateRequestSchema = z.object({
  /** A signed `RotateClaim`, by the present key. */
  claim: signedSchema,
  /** By the new key over the text of the claim, purpose `flotilla.dev/rotate-proof/v1`. */
  proof: z.string().max(128),
});
export type RotateRequest = z.infer<typeof rotateRequestSchema>;

export const rotateAnswerSchema = z.object({
  /** Of the key that the hub will take from now on. */
  keyId: z.string(),
});
export type RotateAnswer = z.infer<typeof rotateAnswerSchema>;
