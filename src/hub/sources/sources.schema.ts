import { z } from 'zod';
import { apiVersion } from '#libs/resources/document';
import { sourceDocumentSchema, sourceSpecSchema } from '#libs/resources/source';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import type { SourceRow } from './sources.repository';

export { sourceDocumentSchema };

export const sourceSchema = z
  .object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal('Source'),
    metadata: z.object({
      id: z.uuid(),
      name: z.string(),
      version: z.number().int().describe('rises with each change; the ETag'),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    }),
    spec: sourceSpecSchema,
    status: z.object({
      state: z.enum(['pending', 'ready', 'failing']).describe('pending: not read since it was last changed'),
      message: z.string().optional().describe('what is wrong, and what to do'),
      commit: z.string().optional().describe('the last good one; it stays in force while the source is failing'),
      revision: z.string().optional().describe('the branch, tag or version that the commit was found by'),
      subject: z.string().optional().describe('first line of the commit’s message'),
      committedAt: z.iso.datetime().optional(),
      fetchedAt: z.iso.datetime().optional().describe('last time that the repository was read well'),
      failingSince: z.iso.datetime().optional(),
      rewrittenAt: z.iso.datetime().optional().describe('when its history was found to be rewritten'),
      nextPollAt: z.iso.datetime(),
      credentialsSet: z.boolean(),
      webhookSecretSet: z.boolean(),
    }),
  })
  .meta({ id: 'Source' });
export type Source = z.infer<typeof sourceSchema>;

export const sourceQuerySchema = z.strictObject({
  ...pageQuery,
  state: z.enum(['pending', 'ready', 'failing']).optional(),
});
export type SourceQuery = z.output<typeof sourceQuerySchema>;
export const sourcePageSchema = pageSchema(sourceSchema, 'SourcePage');

export const deletedSourceSchema = z
  .object({ name: z.string(), state: z.literal('deleted') })
  .meta({ id: 'SourceDeletion' });
export type DeletedSource = z.infer<typeof deletedSourceSchema>;

/** As documented; the bytes themselves are verified before anything is read of them. */
export const webhookBodySchema = z
  .looseObject({
    url: z.string().optional().describe('address of the repository; none: that of the source'),
    ref: z.string().optional().describe('what was pushed to; none: whatever the source follows'),
    commit: z.string().optional(),
  })
  .meta({ id: 'WebhookBody' });

export const webhookAnswerSchema = z
  .object({ fetching: z.boolean(), message: z.string().describe('what is done, or why nothing is') })
  .meta({ id: 'WebhookAnswer' });
export type WebhookAnswer = z.infer<typeof webhookAnswerSchema>;

export function sourceOf(row: SourceRow): Source {
  return {
    apiVersion,
    kind: 'Source',
    metadata: {
      id: row.id,
      name: row.name,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    },
    spec: row.spec,
    status: {
      state: row.state,
      message: row.message ?? undefined,
      commit: row.commit_id ?? undefined,
      revision: row.revision_name ?? undefined,
      subject: row.commit_subject ?? undefined,
      committedAt: row.committed_at?.toISOString(),
      fetchedAt: row.fetched_at?.toISOString(),
      failingSince: row.failing_since?.toISOString(),
      rewrittenAt: row.rewritten_at?.toISOString(),
      nextPollAt: row.next_poll_at.toISOString(),
      credentialsSet: row.credentials_set,
      webhookSecretSet: row.webhook_secret_set,
    },
  };
}
