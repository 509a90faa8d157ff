import { z } from 'zod';
import { describeTarget, targetStates } from '#libs/fleet/describe-target';
import { nameSchema } from '#libs/resources/names';
import { decide } from '#libs/rollout/decide';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import { factsOf } from '#src/hub/rollouts/target-facts';
import type { TargetRow } from './targets.rows';

export const blockerSchema = z
  .object({
    kind: z.enum(['held', 'cordoned', 'pendingRemoval', 'problem', 'deregistering', 'refused']),
    message: z.string(),
  })
  .meta({ id: 'Blocker' });
type Blocker = z.infer<typeof blockerSchema>;

const releaseReference = { release: z.number().int().optional(), bundle: z.string().optional() };

export const targetSchema = z
  .object({
    application: z.string(),
    cluster: z.string(),
    region: z.string(),
    state: z.enum(targetStates),
    message: z.string().optional().describe('the one thing to know'),
    placed: z.boolean(),
    reason: z.string().describe('why it is a target, or has ceased to be one'),
    blockers: z.array(blockerSchema).describe('what keeps the newest release from going out'),
    wanted: z.object(releaseReference).optional().describe('what the newest release wants here'),
    assigned: z
      .object({
        ...releaseReference,
        removal: z.enum(['delete', 'orphan']).optional(),
        authorisedAt: z.iso.datetime(),
        traceId: z.string(),
      })
      .optional()
      .describe('what the hub has authorised'),
    applied: z.object(releaseReference).optional().describe('what its agent says is applied'),
    removal: z.enum(['pending', 'delete', 'orphan']).optional(),
    phase: z.string().optional(),
    health: z.string().optional(),
    drifted: z.number().int().optional().describe('objects that differ and were not put back'),
    objects: z.object({ total: z.number().int(), applied: z.number().int(), failed: z.number().int() }).optional(),
    pendingDeletions: z.number().int().describe('objects whose deletion waits for an approval'),
    toldAt: z.iso.datetime().optional().describe('when the hub received the newest word on it'),
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof targetSchema>;

const noteSchema = z.object({ object: z.string(), message: z.string() }).meta({ id: 'ObjectNote' });

export const targetDetailSchema = targetSchema
  .extend({
    healthMessage: z.string().optional(),
    corrected: z.number().int().optional().describe('drifts that were put back in this session of the agent'),
    errors: z.array(noteSchema),
    driftNotes: z.array(noteSchema),
    deletions: z.array(z.string()).describe('objects whose deletion waits for an approval'),
    removalSince: z.iso.datetime().optional(),
    removalConfirmedBy: z.string().optional(),
    clusterHeardAt: z.iso.datetime().optional(),
    observedAt: z.iso.datetime().optional().describe('when the agent looked, by its clock'),
  })
  .meta({ id: 'TargetDetail' });
export type TargetDetail = z.infer<typeof targetDetailSchema>;

export const targetPageSchema = pageSchema(targetSchema, 'TargetPage');

const filters = {
  cluster: nameSchema.optional(),
  region: nameSchema.optional(),
  state: z.enum(targetStates).optional(),
};
export const applicationTargetQuerySchema = z.strictObject({ ...pageQuery, ...filters });
export type ApplicationTargetQuery = z.output<typeof applicationTargetQuerySchema>;
export const targetQuerySchema = z.strictObject({ ...pageQuery, application: nameSchema.optional(), ...filters });
export type TargetQuery = z.output<typeof targetQuerySchema>;

export const targetCountsSchema = z
  .object({
    total: z.number().int(),
    unknown: z.number().int(),
    failed: z.number().int(),
    drifted: z.number().int(),
    progressing: z.number().int(),
    inSync: z.number().int(),
  })
  .describe('each target once: the first of these that applies')
  .meta({ id: 'TargetCounts' });
export type TargetCounts = z.infer<typeof targetCountsSchema>;

export function blockersOf(row: TargetRow): Blocker[] {
  const blocked = decide([factsOf(row)]).blocked.map(({ kind, message }): Blocker => ({ kind, message }));
  return row.refused === null ? blocked : [...blocked, { kind: 'refused', message: row.refused }];
}

export function targetOf(row: TargetRow): Target {
  const blockers = blockersOf(row);
  const pendingDeletions = row.evident ? (row.details?.pendingDeletions.length ?? 0) : 0;
  return {
    application: row.application,
    cluster: row.cluster,
    region: row.region,
    state: row.state,
    message: messageOf(row, blockers[0]?.message, pendingDeletions),
    placed: row.placed,
    reason: row.reason,
    blockers,
    ...(row.placed && row.bundle !== null ? { wanted: reference(row.release, row.bundle) } : {}),
    ...(row.authorised_at === null
      ? {}
      : {
          assigned: {
            ...(row.assigned_bundle === null ? {} : reference(row.assigned_release, row.assigned_bundle)),
            removal: row.assigned_removal ?? undefined,
            authorisedAt: row.authorised_at.toISOString(),
            traceId: row.trace_id ?? '',
          },
        }),
    ...(row.phase === 'applied' && row.told_bundle !== null
      ? { applied: reference(row.told_release, row.told_bundle) }
      : {}),
    removal: row.removal ?? undefined,
    phase: row.phase ?? undefined,
    health: row.health ?? undefined,
    drifted: row.drifted ?? undefined,
    ...(row.objects_total === null
      ? {}
      : {
          objects: {
            total: row.objects_total,
            applied: row.objects_applied ?? 0,
            failed: row.objects_failed ?? 0,
          },
        }),
    pendingDeletions,
    toldAt: row.received_at?.toISOString(),
  };
}

export function targetDetailOf(row: TargetRow): TargetDetail {
  const target = targetOf(row);
  return {
    ...target,
    healthMessage: row.health_message ?? undefined,
    corrected: row.corrected ?? undefined,
    errors: row.details?.errors ?? [],
    driftNotes: row.details?.driftNotes ?? [],
    deletions: target.pendingDeletions > 0 ? (row.details?.pendingDeletions ?? []) : [],
    removalSince: row.removal_since?.toISOString(),
    removalConfirmedBy: row.removal_confirmed_by ?? undefined,
    clusterHeardAt: row.heard_at?.toISOString(),
    observedAt: row.observed_at?.toISOString(),
  };
}

function messageOf(row: TargetRow, blocker: string | undefined, pendingDeletions: number): string | undefined {
  return describeTarget(row.state, {
    heardAt: row.heard_at ?? undefined,
    problem: row.problem ?? undefined,
    refused: row.refused ?? undefined,
    blocker,
    removal: row.removal ?? undefined,
    ...(row.evident && row.phase !== null
      ? {
          told: {
            phase: row.phase,
            health: row.health ?? '',
            healthMessage: row.health_message ?? '',
            drifted: row.drifted ?? 0,
            errors: row.details?.errors ?? [],
            driftNotes: row.details?.driftNotes ?? [],
            pendingDeletions,
            objects: { total: row.objects_total ?? 0, applied: row.objects_applied ?? 0 },
          },
        }
      : {}),
  });
}

function reference(release: number | null, bundle: string) {
  return { ...(release === null ? {} : { release }), bundle };
}
