import { z } from 'zod';
import { revisionSpec } from '#libs/sources/revision';

/** A Git repository and the revision that is followed. */
export const sourceSpecSchema = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2_000)
    .describe('https://, ssh:// or git@host:path; a folder of the hub where that is allowed'),
  revision: revisionSpec.default({ branch: 'main' }),
  pollSeconds: z.number().int().min(5).max(86_400).default(60).describe('how often to look, give or take a tenth'),
  caCertificate: z.string().max(100_000).optional().describe('PEM, trusted beside the public authorities'),
});
export type SourceSpec = z.infer<typeof sourceSpecSchema>;
