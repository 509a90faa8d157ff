import { compare, type Comparison } from './compare';
import { fieldSetOf, withNamedFields } from './field-set';
import { type Owner, ownerId, type Owners } from './managed-fields';
import { merge } from './merge';
import { difference, emptySet, fieldNames, fromFieldsV1, intersection, isEmpty, type PathSet, union } from './path-set';
import { removeItems } from './remove';
import type { Atom } from './schema';
import type { PlainMap } from './value';

export interface OwnershipConflict {
  manager: string;
  subresource?: string;
  apiVersion: string;
  field: string;
}

export type ApplyOutcome =
  { outcome: 'merged'; object: PlainMap; owners: Owners } | { outcome: 'conflict'; conflicts: OwnershipConflict[] };

export type Applier = Pick<Owner, 'manager' | 'apiVersion' | 'subresource'>;

/** Fields that nobody owns: they name the object, or are the server's own. */
const unowned: PathSet = fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
});

/**
 * Server-side apply: lays the applied fields over the live object, removes what this manager applied before and applies
 * no more unless another owns it, and settles the ownership. Objects are without `metadata.managedFields`.
 */
export function applyFields(
  live: PlainMap,
  applied: PlainMap,
  atom: Atom,
  owners: Owners,
  applier: Applier,
  force: boolean,
): ApplyOutcome {
  const id = ownerId({ ...applier, operation: 'Apply' });
  const last = owners.get(id)?.fields;
  const next: Owners = new Map(owners);
  const time = owners.get(id)?.time;
  next.set(id, { ...applier, operation: 'Apply', fields: fieldSetOf(applied, atom), ...(time ? { time } : {}) });
  const merged = merge(live, applied, atom);
  const object = prune(merged, atom, next, last) as PlainMap;
  const conflicts = settle(compare(live, object, atom), next, id, force);
  if (conflicts.length > 0) return { outcome: 'conflict', conflicts };
  stripUnowned(next, id);
  return { outcome: 'merged', object, owners: next };
}

/** An update: whoever writes owns what changed by it, and all others lose that. */
export function updateFields(
  live: PlainMap,
  object: PlainMap,
  atom: Atom,
  owners: Owners,
  updater: Applier,
  time: string,
): Owners {
  const id = ownerId({ ...updater, operation: 'Update' });
  const next: Owners = new Map(owners);
  const comparison = compare(live, object, atom);
  settle(comparison, next, undefined, true);
  const gained = difference(union(comparison.added, comparison.modified), unowned);
  if (isEmpty(gained)) return next;
  const before = next.get(id)?.fields ?? emptySet();
  next.set(id, { ...updater, operation: 'Update', time, fields: union(before, gained) });
  return next;
}

/** Takes changed fields from the other managers, or says whose they are; removed fields are nobody's. */
function settle(
  comparison: Comparison,
  owners: Owners,
  writer: string | undefined,
  force: boolean,
): OwnershipConflict[] {
  const { added, modified, removed } = comparison;
  const changed = union(added, modified);
  const conflicts: OwnershipConflict[] = [];
  for (const [id, owner] of owners) {
    if (id === writer) continue;
    const taken = intersection(owner.fields, changed);
    for (const field of force ? [] : fieldNames(taken)) {
      const { manager, apiVersion, subresource } = owner;
      conflicts.push({ manager, apiVersion, field, ...(subresource ? { subresource } : {}) });
    }
    const left = difference(difference(owner.fields, taken), removed);
    if (isEmpty(left)) owners.delete(id);
    else owners.set(id, { ...owner, fields: left });
  }
  return conflicts;
}

function stripUnowned(owners: Owners, id: string): void {
  const owner = owners.get(id);
  if (!owner) return;
  const fields = difference(owner.fields, unowned);
  if (isEmpty(fields)) owners.delete(id);
  else owners.set(id, { ...owner, fields });
}

/**
 * Removes what was applied the last time and is owned by nobody now. First all of it goes, then what others (or this
 * apply) own comes back, and then whatever else went along with it though it was never applied.
 */
function prune(merged: unknown, atom: Atom, owners: Owners, last: PathSet | undefined): unknown {
  if (!last || isEmpty(last)) return merged;
  let managed = emptySet();
  for (const owner of owners.values()) managed = union(managed, owner.fields);
  // All of it is still somebody's: most applies drop nothing.
  if (isEmpty(difference(last, managed))) return merged;
  const lastNamed = withNamedFields(last, atom);
  const all = withNamedFields(fieldSetOf(merged, atom), atom);
  const bare = removeItems(merged, lastNamed, atom);
  const keep = union(withNamedFields(fieldSetOf(bare, atom), atom), withNamedFields(managed, atom));
  const owned = removeItems(merged, difference(all, keep), atom);
  const left = withNamedFields(fieldSetOf(owned, atom), atom);
  return removeItems(merged, intersection(difference(all, left), lastNamed), atom);
}
