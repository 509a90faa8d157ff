import { z } from 'zod';
import { nameSchema } from '#libs/resources/names';
import { pageQuery, pageSchema } from '#src/hub/http/pages';

const clusters = z
  .array(nameSchema)
  .min(1)
  .max(1_000)
  .refine((names) => new Set(names).size === names.length, 'a cluster is named twice')
  .describe('by name: a confirmation is for these and no others');

export const confirmRemovalsSchema = z
  .strictObject({
    clusters,
    workloads: z
      .enum(['leave', 'remove'])
      .describe('leave: what runs there stays, and Flotilla forgets it; remove: it is deleted'),
  })
  .meta({ id: 'RemovalConfirmation' });
export type ConfirmRemovals = z.output<typeof confirmRemovalsSchema>;

export const confirmedRemovalsSchema = z
  .object({ application: z.string(), workloads: z.enum(['leave', 'remove']), clusters: z.array(z.string()) })
  .meta({ id: 'ConfirmedRemovals' });
export type ConfirmedRemovals = z.infer<typeof confirmedRemovalsSchema>;

const waitingDeletionsSchema = z
  .object({
    objects: z.array(z.string()).describe('`group/Kind/namespace/name`'),
    clusters: z.array(z.string()).describe('where exactly these objects wait'),
  })
  .meta({ id: 'WaitingDeletions' });
export type WaitingDeletions = z.infer<typeof waitingDeletionsSchema>;
export const deletionPageSchema = pageSchema(waitingDeletionsSchema, 'WaitingDeletionsPage');

export const plainQuerySchema = z.strictObject(pageQuery);
export type PlainQuery = z.output<typeof plainQuerySchema>;

export const approveDeletionsSchema = z
  .strictObject({
    clusters,
    objects: z
      .array(z.string().min(1).max(1_000))
      .min(1)
      .max(10_000)
      .describe('as they were listed: any subset of what waits, and nothing else'),
  })
  .meta({ id: 'DeletionApproval' });
export type ApproveDeletions = z.output<typeof approveDeletionsSchema>;

export const approvedDeletionsSchema = z
  .object({
    application: z.string(),
    clusters: z.array(z.object({ cluster: z.string(), objects: z.number().int().describe('how many were approved') })),
  })
  .meta({ id: 'ApprovedDeletions' });
export type ApprovedDeletionsAnswer = z.infer<typeof approvedDeletionsSchema>;
