import type { Digest } from '#libs/protocol/digest';
import type { TargetFacts } from '#libs/rollout/decide';
import { goodTarget, heldBy } from '#src/hub/database/fragments';

/** A target as `decide` is asked about it; what only shows it reads the same. */
export interface TargetFactsRow {
  cluster_id: string;
  placed: boolean;
  removal: TargetFacts['removal'];
  release: number | null;
  bundle: Digest | null;
  problem: string | null;
  assigned: boolean;
  assigned_bundle: Digest | null;
  assigned_removal: 'delete' | 'orphan' | null;
  good: boolean;
  cordoned: boolean;
  deregistering: boolean;
  held_by: string | null;
}

/** Over targets t, clusters c, applications a, assignments s and target_status st; the last two may be missing. */
export const targetFactsColumns = `
  t.cluster_id, t.placed, t.removal, t.release, encode(t.bundle, 'hex') AS bundle, t.problem,
  s.cluster_id IS NOT NULL AS assigned, encode(s.bundle, 'hex') AS assigned_bundle,
  s.removal AS assigned_removal, ${goodTarget('s', 'st')} AS good,
  c.cordoned, c.lifecycle = 'deregistering' AS deregistering,
  ${heldBy({ application: 'a.name', cluster: 'c.name', region: 'c.region' })} AS held_by`;

export function factsOf(row: TargetFactsRow): TargetFacts {
  return {
    cluster: row.cluster_id,
    placed: row.placed,
    removal: row.removal,
    ...(row.release !== null && row.bundle !== null && row.problem === null
      ? { wanted: { release: row.release, bundle: row.bundle } }
      : {}),
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.assigned ? { assigned: { bundle: row.assigned_bundle, removal: row.assigned_removal } } : {}),
    good: row.good,
    cordoned: row.cordoned,
    deregistering: row.deregistering,
    ...(row.held_by === null ? {} : { heldBy: row.held_by }),
  };
}
