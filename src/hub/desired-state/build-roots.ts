import { groupBy } from '#libs/collections';
import { refusedClaims } from '#libs/desired-state/claims';
import { buildScope, clusterScope } from '#libs/desired-state/scope';
import type { Digest } from '#libs/protocol/digest';
import type { EncodedNode } from '#libs/protocol/nodes';
import type { AssignmentRow, BuiltRoot, CarriedAssignment, DirtyCluster } from './roots.repository';

export interface BuiltRoots {
  roots: BuiltRoot[];
  scopes: EncodedNode[];
  carried: CarriedAssignment[];
}

/** The roots of a batch of clusters from their assignments: pure. `epoch` is the hub's, `objectKeys` are those of each bundle. */
export function buildRoots(
  epoch: number,
  clusters: readonly DirtyCluster[],
  assignments: readonly AssignmentRow[],
  objectKeys: ReadonlyMap<Digest, readonly string[]>,
): BuiltRoots {
  const byCluster = groupBy(assignments, (assignment) => assignment.cluster_id);
  const built: BuiltRoots = { roots: [], scopes: [], carried: [] };
  const keysOf = (bundle: Digest | null) => (bundle === null ? [] : (objectKeys.get(bundle) ?? []));
  for (const cluster of clusters) {
    const own = byCluster.get(cluster.cluster_id) ?? [];
    const refusals = new Map(
      refusedClaims(
        own.map((assignment) => ({
          application: assignment.application_id,
          name: assignment.name,
          wanted: keysOf(assignment.bundle),
          carried: keysOf(assignment.carried_bundle),
          since: assignment.since,
        })),
      ).map((refusal) => [refusal.application, `${refusal.object} belongs to application ${refusal.holder}`]),
    );
    const scope = buildScope(
      clusterScope,
      cluster.service_account,
      own.flatMap((assignment) => entryOf(assignment, refusals)),
    );
    const isOther = cluster.scopes[clusterScope] !== scope.digest;
    const changed = isOther || cluster.epoch < epoch;
    built.roots.push({ cluster: cluster.cluster_id, changed, scopes: { [clusterScope]: scope.digest } });
    if (isOther) built.scopes.push(scope);
    for (const assignment of own) {
      const refused = refusals.get(assignment.application_id) ?? null;
      if (isNoted(assignment, refused)) continue;
      const { application_id: application, cluster_id, bundle } = assignment;
      built.carried.push({ application, cluster: cluster_id, bundle, refused });
    }
  }
  return built;
}

/** Whether the assignment's row says already what this root says of it. */
function isNoted(assignment: AssignmentRow, refused: string | null): boolean {
  if (assignment.refused !== refused || !assignment.carried) return false;
  return refused !== null || assignment.carried_bundle === assignment.bundle;
}

/** A refused application stays with what the root carries, if anything. */
function entryOf(assignment: AssignmentRow, refusals: ReadonlyMap<string, string>) {
  const entry = {
    application: assignment.application_id,
    name: assignment.name,
    bundle: assignment.bundle,
    removal: assignment.removal,
    approvedDeletions: assignment.approved_deletions,
  };
  if (!refusals.has(assignment.application_id)) return [entry];
  if (assignment.carried_bundle === null) return [];
  return [{ ...entry, bundle: assignment.carried_bundle, removal: null, approvedDeletions: null }];
}
