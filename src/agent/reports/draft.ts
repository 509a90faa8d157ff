import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#libs/protocol/canonical';
import { factsSchema, type Report, reportSchema, type TargetReport, targetReportSchema } from '#libs/protocol/report';
import { type Signed, signValue } from '#libs/protocol/signed';
import type { AgentRuntime } from '../runtime';

/**
 * A report before it is signed. It is signed when it is sent, under the session and sequence that it was made with, and
 * with the age that its observations then have: what lay in a spool for an hour says so.
 */
export const draftSchema = z.object({
  session: z.number().int().min(1),
  sequence: z.number().int().min(0),
  snapshot: z.boolean(),
  facts: factsSchema.optional(),
  /** Their `ageMs` is as of `madeAt`. */
  targets: z.array(targetReportSchema),
  /** Wall clock, ISO 8601: all that survives a restart. */
  madeAt: z.iso.datetime(),
});
export type Draft = z.infer<typeof draftSchema> & {
  /** By the monotonic clock of this process; drafts of former processes have none. */
  madeAtMs?: number;
};

/** Well below the megabyte that Kafka takes in one message. */
export const maxDraftBytes = 600 * 1_024;
const maxTargets = 2_000;
const scarceNotes = 3;
const scarcePending = 50;

export function signDraft(draft: Draft, cluster: string, key: KeyObject, runtime: AgentRuntime): Signed {
  const olderMs = draftAgeMs(draft, runtime);
  const report: Report = reportSchema.parse({
    format: 1,
    kind: 'report',
    cluster,
    session: draft.session,
    sequence: draft.sequence,
    sentAt: runtime.now().toISOString(),
    snapshot: draft.snapshot,
    facts: draft.facts,
    targets: draft.targets.map((target) => ({ ...target, ageMs: target.ageMs + olderMs })),
  });
  return signValue('flotilla.dev/report/v1', report, key);
}

/** How long ago it was made; by the wall clock only where there is no better one. */
export function draftAgeMs({ madeAtMs, madeAt }: Draft, runtime: AgentRuntime): number {
  const ageMs =
    madeAtMs === undefined ? runtime.now().getTime() - Date.parse(madeAt) : runtime.monotonicMs() - madeAtMs;
  return Math.max(0, Math.round(ageMs));
}

export function draftSizeBytes(draft: Draft): number {
  return Buffer.byteLength(canonicalJson({ ...draft, madeAtMs: undefined }));
}

/**
 * Target reports in portions that fit into one report each. When they do not fit into one, notes are cut first; if it is
 * still more than one, no portion may call itself a snapshot, since in a snapshot what is not there is gone.
 */
export function portionsOf(targets: TargetReport[]): TargetReport[][] {
  if (sizeOf(targets) <= maxDraftBytes && targets.length <= maxTargets) return [targets];
  const short = targets.map(shortened);
  const portions: TargetReport[][] = [];
  let portion: TargetReport[] = [];
  let bytes = 0;
  for (const target of short) {
    const more = sizeOf([target]);
    if (portion.length > 0 && (bytes + more > maxDraftBytes || portion.length >= maxTargets)) {
      portions.push(portion);
      [portion, bytes] = [[], 0];
    }
    portion.push(target);
    bytes += more;
  }
  return [...portions, portion];
}

export function shortened(target: TargetReport): TargetReport {
  return {
    ...target,
    driftNotes: target.driftNotes.slice(0, scarceNotes),
    errors: target.errors.slice(0, scarceNotes),
    pendingDeletions: target.pendingDeletions.slice(0, scarcePending),
  };
}

function sizeOf(targets: TargetReport[]): number {
  return Buffer.byteLength(JSON.stringify(targets));
}
