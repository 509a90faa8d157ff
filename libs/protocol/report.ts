import { z } from 'zod';
import { digestSchema } from './digest';

/**
 * What agents say. A report is state, not a delta: for each target the highest (session, sequence) wins, so any order and
 * any repetition fold to the same. Identity comes from the key that signed the envelope; `cluster` inside must agree.
 */
export const topics = {
  heartbeats: 'flotilla.heartbeats',
  reports: 'flotilla.reports',
  deadLetters: 'flotilla.dead-letters',
} as const;

const text = (maxLength: number) => z.string().max(maxLength);

export const objectNoteSchema = z.object({
  /** As of `objectKey`. */
  object: text(1_000),
  message: text(1_000),
});
export type ObjectNote = z.infer<typeof objectNoteSchema>;

/** Where a target is with its bundle. */
export const targetPhases = ['applied', 'applying', 'failed', 'held', 'removing', 'removed', 'orphaned'] as const;
export const healthStatuses = ['healthy', 'progressing', 'degraded', 'unknown'] as const;

export const targetReportSchema = z.object({
  /** Id of the application. */
  application: z.uuid(),
  scope: text(100),
  /** The bundle that this is evidence for; null once removed or orphaned. */
  bundle: digestSchema.nullable(),
  /** The root under which it was (or is being) applied. */
  epoch: z.number().int().min(1),
  generation: z.number().int().min(1),
  phase: z.enum(targetPhases),
  health: z.object({ status: z.enum(healthStatuses), message: text(1_000) }),
  objects: z.object({
    total: z.number().int().min(0),
    applied: z.number().int().min(0),
    failed: z.number().int().min(0),
  }),
  /** Objects that are missing or differ in an intended field and have not been put back. */
  drifted: z.number().int().min(0),
  /** How many drifts were ever put back in this session. */
  corrected: z.number().int().min(0),
  driftNotes: z.array(objectNoteSchema).max(20).default([]),
  /** Why objects could not be applied or deleted. */
  errors: z.array(objectNoteSchema).max(20).default([]),
  /** Objects whose deletion waits for a confirmation: keys as of `objectKey`. */
  pendingDeletions: z.array(text(1_000)).max(1_000).default([]),
  /** When the agent last looked at the cluster for this, by its clock. */
  observedAt: z.iso.datetime(),
  /** How old that look was when the envelope was made: what counts as evidence, since clocks differ. */
  ageMs: z.number().int().min(0),
});
export type TargetReport = z.infer<typeof targetReportSchema>;

export const factsSchema = z.object({
  kubernetesVersion: text(100),
  agentVersion: text(100),
});
export type Facts = z.infer<typeof factsSchema>;

export const reportSchema = z.object({
  format: z.literal(1),
  kind: z.literal('report'),
  cluster: z.uuid(),
  /** Counter kept in the cluster, raised by compare-and-swap at each start of an agent. */
  session: z.number().int().min(1),
  sequence: z.number().int().min(0),
  sentAt: z.iso.datetime(),
  /** True: `targets` is everything that the agent knows; a target that is not there is gone. A session opens with one. */
  snapshot: z.boolean(),
  facts: factsSchema.optional(),
  targets: z.array(targetReportSchema).max(2_000),
});
export type Report = z.infer<typeof reportSchema>;

/** Kept small: one a cluster every few seconds. Authenticated by an HMAC under the session key. */
export const heartbeatSchema = z.object({
  format: z.literal(1),
  kind: z.literal('heartbeat'),
  cluster: z.uuid(),
  session: z.number().int().min(1),
  sequence: z.number().int().min(0),
  sentAt: z.iso.datetime(),
  /** The root that is held; zeros while there is none. Repairs a lost wake-up. */
  epoch: z.number().int().min(0),
  generation: z.number().int().min(0),
  /** Something that a person should know of the agent itself, for example an expired root. */
  trouble: text(300).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** A heartbeat on the wire: its canonical JSON and HMAC-SHA256 of that under the session key, in base64url. */
export const sealedHeartbeatSchema = z.object({ payload: text(2_000), mac: text(64) });
export type SealedHeartbeat = z.infer<typeof sealedHeartbeatSchema>;
