import type { JsonObject, ManagedFieldsEntry } from '#libs/kubernetes/object';

/**
 * Who owns the field at `path` (elements as in `fieldsV1`) now, and so wrote its value last: the newest such entry of
 * `managedFields`, others before `ownManager`. Undefined where nobody does, as when a field has been removed.
 */
export function managerOf(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: readonly string[],
  ownManager?: string,
): string | undefined {
  let found: ManagedFieldsEntry | undefined;
  for (const entry of entries ?? []) {
    if (!entry.manager || !owns(entry.fieldsV1, path)) continue;
    if (found === undefined || isBetter(entry, found, ownManager)) found = entry;
  }
  return found?.manager;
}

function isBetter(entry: ManagedFieldsEntry, than: ManagedFieldsEntry, ownManager: string | undefined): boolean {
  const [own, thanOwn] = [entry.manager === ownManager, than.manager === ownManager];
  if (own !== thanOwn) return thanOwn;
  return (entry.time ?? '') > (than.time ?? '');
}

function owns(fields: JsonObject | undefined, path: readonly string[]): boolean {
  let node = fields;
  for (const element of path) {
    if (node === undefined) return false;
    const below = node[element];
    // Owned as one value, with all that is in it.
    if (below === undefined) return node !== fields && Object.keys(node).length === 0;
    node = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : {};
  }
  return node !== undefined;
}
