import { z } from 'zod';
import { gitCredentials } from '#libs/sources/credentials';
import { revisionSpec } from '#libs/sources/revision';
import { documentHead } from './document';
import { nameSchema } from './names';

/** A Git repository and the revision that is followed. */
export const sourceSpecSchema = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .max(2_000)
      .describe('https://, ssh:// or git@host:path; a folder of the hub where that is allowed'),
    revision: revisionSpec.default({ branch: 'main' }),
    pollSeconds: z.number().int().min(5).max(86_400).default(60).describe('how often to look, give or take a tenth'),
    caCertificate: z.string().max(100_000).optional().describe('PEM, trusted beside the public authorities'),
  })
  .meta({ id: 'SourceSpec' });
export type SourceSpec = z.infer<typeof sourceSpecSchema>;

/** A source as people declare it. What opens it is written and never read: left out it stays, with null it goes. */
export const sourceDocumentSchema = z
  .strictObject({
    ...documentHead('Source'),
    metadata: z.strictObject({ name: nameSchema }),
    spec: sourceSpecSchema
      .extend({
        credentials: gitCredentials.nullable().optional().describe('sealed at rest, never answered'),
        webhookSecret: z
          .string()
          .min(16, 'at least 16 characters: `openssl rand -hex 20`')
          .max(200)
          .nullable()
          .optional()
          .describe('what webhooks are signed with; sealed at rest, never answered'),
      })
      .meta({ id: 'SourceDeclaration' }),
  })
  .meta({ id: 'SourceDocument' });
export type SourceDocument = z.output<typeof sourceDocumentSchema>;
