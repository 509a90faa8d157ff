import { z } from 'zod';
import { applicationDocumentSchema, applicationSpecSchema } from '#libs/resources/application';
import { apiVersion } from '#libs/resources/document';
import { nameSchema } from '#libs/resources/names';
import { targetCountsSchema } from '#src/hub/fleet-status/targets.schema';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import type { ApplicationRow } from './applications.repository';

export { applicationDocumentSchema };

export const applicationStates = ['pending', 'ready', 'failing', 'deleting'] as const;

export const releaseSummarySchema = z
  .object({
    number: z.number().int(),
    commit: z.string(),
    revision: z.string().describe('the branch, tag or version that the commit was found by'),
    subject: z.string().describe('first line of the commit’s message'),
    createdAt: z.iso.datetime(),
    traceId: z.string().describe('follows the commit through logs and reports'),
  })
  .meta({ id: 'ReleaseSummary' });

export const applicationSchema = z
  .object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal('Application'),
    metadata: z.object({
      id: z.uuid(),
      name: z.string(),
      version: z.number().int().describe('rises with each change; the ETag'),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    }),
    spec: applicationSpecSchema,
    status: z.object({
      state: z.enum(applicationStates).describe('pending: not evaluated yet; deleting: until its last target has gone'),
      message: z.string().optional().describe('what is wrong'),
      failingSince: z.iso.datetime().optional(),
      evaluated: z.boolean().describe('false: an edit, a commit or a relabelling is still to be taken in'),
      release: releaseSummarySchema.optional().describe('the newest'),
      targets: targetCountsSchema,
      pendingRemovals: z.number().int().describe('targets that lost their placement and wait for a confirmation'),
      pendingDeletions: z.number().int().describe('targets where deletions wait for an approval'),
      heldBy: z.string().optional().describe('the halt of the fleet or of this application that is in force'),
      refused: z.string().optional().describe('why some targets stay as they are: the first such'),
    }),
  })
  .meta({ id: 'Application' });
export type Application = z.infer<typeof applicationSchema>;

export const applicationPageSchema = pageSchema(applicationSchema, 'ApplicationPage');
export const applicationQuerySchema = z.strictObject({
  ...pageQuery,
  source: nameSchema.optional(),
  state: z.enum(applicationStates).optional(),
});
export type ApplicationQuery = z.output<typeof applicationQuerySchema>;

const workloads = z.enum(['leave', 'remove']);

export const deleteApplicationQuerySchema = z.strictObject({
  workloads: workloads
    .default('leave')
    .describe('leave: they stay as they are; remove: agents delete what the application applied'),
});
export type DeleteApplicationQuery = z.output<typeof deleteApplicationQuerySchema>;

export const applicationDeletionSchema = z
  .object({
    name: z.string(),
    workloads,
    state: z.enum(['deleted', 'deleting']).describe('deleting: until the agents have said that it is done'),
    targets: z.number().int().describe('that are on their way out'),
  })
  .meta({ id: 'ApplicationDeletion' });
export type ApplicationDeletion = z.infer<typeof applicationDeletionSchema>;

export function applicationOf(row: ApplicationRow): Application {
  return {
    apiVersion,
    kind: 'Application',
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
      failingSince: row.failing_since?.toISOString(),
      evaluated: row.evaluated,
      ...(row.release === null || row.commit_id === null
        ? {}
        : {
            release: {
              number: row.release,
              commit: row.commit_id,
              revision: row.revision_name ?? '',
              subject: row.commit_subject ?? '',
              createdAt: row.released_at?.toISOString() ?? '',
              traceId: row.trace_id ?? '',
            },
          }),
      targets: {
        total: row.total,
        unknown: row.unknown,
        failed: row.failed,
        drifted: row.drifted,
        progressing: row.progressing,
        inSync: row.inSync,
      },
      pendingRemovals: row.pending_removals,
      pendingDeletions: row.pending_deletions,
      heldBy: row.held_by ?? undefined,
      refused: row.refused ?? undefined,
    },
  };
}
