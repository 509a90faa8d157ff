import type { Digest } from '#libs/protocol/digest';
import { encodeNode, type EncodedNode, type ScopeEntry, type ScopeNode } from '#libs/protocol/nodes';

export interface ScopeAssignment {
  application: string;
  name: string;
  bundle: Digest | null;
  removal: 'delete' | 'orphan' | null;
  approvedDeletions: Digest | null;
}

/** The scope of the cluster itself; tenants have scopes of their own. */
export const clusterScope = 'cluster';

export function buildScope(
  name: string,
  serviceAccount: string | null,
  assignments: readonly ScopeAssignment[],
): EncodedNode {
  const node: ScopeNode = {
    format: 1,
    kind: 'scope',
    name,
    serviceAccount,
    applications: Object.fromEntries(assignments.map((assignment) => [assignment.application, entryOf(assignment)])),
  };
  return encodeNode(node);
}

function entryOf({ name, bundle, removal, approvedDeletions }: ScopeAssignment): ScopeEntry {
  return {
    name,
    bundle,
    ...(removal === null ? {} : { removal }),
    ...(approvedDeletions === null ? {} : { approvedDeletions }),
  };
}
