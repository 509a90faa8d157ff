import { isDeepStrictEqual } from 'node:util';
import { type Digest } from '#libs/protocol/digest';
import type { BundleNode, ObjectNode, ScopeEntry, ScopeNode } from '#libs/protocol/nodes';
import type { Root } from '#libs/protocol/root';
import { objectKey, referenceOf } from '#libs/kubernetes/object';
import { targetIdOf } from '../inventory/store';

/** The whole tree below an accepted root, as values. */
export interface DesiredState {
  root: Root;
  /** Every node below every scope is here. Only then may anything be deleted. */
  isComplete: boolean;
  /** By target id; one of which a node is missing is not here, and is left alone. */
  targets: ReadonlyMap<string, DesiredTarget>;
  /** Digests of the scopes of which every node is here. */
  completeScopes: Readonly<Record<string, Digest>>;
}

export interface DesiredObject {
  key: string;
  digest: Digest;
  node: ObjectNode;
}

export interface DesiredTarget {
  id: string;
  application: string;
  scope: string;
  serviceAccount: string | null;
  entry: ScopeEntry;
  /** Absent when the application is to be removed. */
  bundle?: { digest: Digest; node: BundleNode; objects: DesiredObject[] };
  /** Keys of objects whose deletion a person has approved. */
  approved: ReadonlySet<string>;
}

/** Where verified nodes are found. */
export interface NodeLookup {
  scope(digest: Digest): ScopeNode | undefined;
  bundle(digest: Digest): BundleNode | undefined;
  object(digest: Digest): ObjectNode | undefined;
  deletions(digest: Digest): ReadonlySet<string> | undefined;
}

/** Targets that are as before are the same values as in `previous`: whoever works on one goes on. */
export function desiredStateOf(root: Root, nodes: NodeLookup, previous?: DesiredState): DesiredState {
  const targets = new Map<string, DesiredTarget>();
  const completeScopes: Record<string, Digest> = {};
  for (const [name, digest] of Object.entries(root.scopes)) {
    const scope = nodes.scope(digest);
    if (scope === undefined) continue;
    let isWhole = true;
    for (const [application, entry] of Object.entries(scope.applications)) {
      const before = previous?.targets.get(targetIdOf(name, application));
      const isSame = before?.serviceAccount === scope.serviceAccount && isDeepStrictEqual(before.entry, entry);
      const target = isSame ? before : targetOf(name, scope.serviceAccount, application, entry, nodes);
      if (target === undefined) isWhole = false;
      else targets.set(target.id, target);
    }
    if (isWhole) completeScopes[name] = digest;
  }
  const isComplete = Object.keys(completeScopes).length === Object.keys(root.scopes).length;
  return { root, isComplete, targets, completeScopes };
}

function targetOf(
  scope: string,
  serviceAccount: string | null,
  application: string,
  entry: ScopeEntry,
  nodes: NodeLookup,
): DesiredTarget | undefined {
  const approved = entry.approvedDeletions === undefined ? new Set<string>() : nodes.deletions(entry.approvedDeletions);
  if (approved === undefined) return undefined;
  const target = { id: targetIdOf(scope, application), application, scope, serviceAccount, entry, approved };
  if (entry.bundle === null) return target;
  const node = nodes.bundle(entry.bundle);
  if (node === undefined) return undefined;
  const objects: DesiredObject[] = [];
  for (const digest of node.objects) {
    const object = nodes.object(digest);
    if (object === undefined) return undefined;
    objects.push({ key: objectKey(referenceOf(object.object)), digest, node: object });
  }
  return { ...target, bundle: { digest: entry.bundle, node, objects } };
}

const claimsByState = new WeakMap<DesiredState, ReadonlyMap<string, string>>();

/** Key of each object that should be there → the id of the target that has it. */
export function claimsOf(state: DesiredState): ReadonlyMap<string, string> {
  const known = claimsByState.get(state);
  if (known !== undefined) return known;
  const claims = new Map<string, string>();
  for (const target of state.targets.values()) {
    for (const { key } of target.bundle?.objects ?? []) claims.set(key, target.id);
  }
  claimsByState.set(state, claims);
  return claims;
}
