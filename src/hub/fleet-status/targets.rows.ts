import type { TargetState } from '#libs/fleet/describe-target';
import type { Digest } from '#libs/protocol/digest';
import type { ObjectNote } from '#libs/protocol/report';
import type { TargetFactsRow } from '#src/hub/rollouts/target-facts';

/** A target as `TargetsRepository` reads it. What was told is null where nothing was. */
export interface TargetRow extends TargetFactsRow {
  application: string;
  cluster: string;
  region: string;
  state: TargetState;
  reason: string;
  removal_since: Date | null;
  removal_confirmed_by: string | null;
  assigned_release: number | null;
  authorised_at: Date | null;
  refused: string | null;
  trace_id: string | null;
  heard_at: Date | null;
  /** What was told is about what is assigned. */
  evident: boolean;
  told_bundle: Digest | null;
  /** Of the bundle that was told of. */
  told_release: number | null;
  phase: string | null;
  health: string | null;
  health_message: string | null;
  drifted: number | null;
  corrected: number | null;
  objects_total: number | null;
  objects_applied: number | null;
  objects_failed: number | null;
  details: { errors: ObjectNote[]; driftNotes: ObjectNote[]; pendingDeletions: string[] } | null;
  observed_at: Date | null;
  received_at: Date | null;
}
