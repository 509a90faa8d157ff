import type { KubernetesObject } from '#libs/kubernetes/object';
import { decodeManagedFields, type Owners } from '#libs/kubernetes/ssa/managed-fields';
import { updateFields } from '#libs/kubernetes/ssa/update';
import type { PlainMap } from '#libs/kubernetes/ssa/value';
import type { Write } from './write';

/** Who owned what when managed fields were lost: the first apply after that gives it to this manager. */
const beforeFirstApply = 'before-first-apply';

/** The owners that an apply starts from; fields that nobody owns are somebody's from then on. */
export function ownersBeforeApply({ kind, live, sent, time }: Write, bare: PlainMap, fields: PlainMap): Owners {
  const owners = decodeManagedFields(live?.metadata.managedFields);
  if (!live || owners.size > 0) return owners;
  const updater = { manager: beforeFirstApply, apiVersion: sent.apiVersion };
  return updateFields(bare, fields, kind.type(), owners, updater, time);
}

/**
 * The owners after an update. The update may bring managed fields of its own, as adopting does; none at all (`[]` or
 * `[{}]`) drops them, and while an object has none, nobody is noted but by an apply.
 */
export function ownersAfterUpdate(write: Write, live: KubernetesObject, before: PlainMap, after: PlainMap): Owners {
  const { kind, sent, manager, time } = write;
  const owners = ownersOfUpdate(sent, live);
  if (owners.size === 0 && live.metadata.uid !== undefined) return owners;
  return updateFields(before, after, kind.type(), owners, { manager, apiVersion: sent.apiVersion }, time);
}

function ownersOfUpdate(sent: KubernetesObject, live: KubernetesObject): Owners {
  const entries = sent.metadata.managedFields;
  const first = entries?.[0];
  if (entries && (first === undefined || (entries.length === 1 && Object.keys(first).length === 0))) return new Map();
  const given = decodeManagedFields(entries);
  return given.size > 0 ? given : decodeManagedFields(live.metadata.managedFields);
}
