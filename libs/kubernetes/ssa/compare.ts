import { groupItems, itemsOf } from './elements';
import { emptySet, insert, type PathSet } from './path-set';
import { type Atom, type ListType, type MapType, typeOfKey } from './schema';
import { deduce, isMap, jsonEqual, type PlainMap, shapeOf } from './value';

export interface Comparison {
  added: PathSet;
  modified: PathSet;
  removed: PathSet;
}

/** What differs between two values of one type, in field paths. */
export function compare(before: unknown, after: unknown, atom: Atom): Comparison {
  const comparison = { added: emptySet(), modified: emptySet(), removed: emptySet() };
  walk(before, after, atom, [], comparison);
  return comparison;
}

function walk(before: unknown, after: unknown, atom: Atom, path: string[], out: Comparison): void {
  if (before !== undefined && after !== undefined && jsonEqual(before, after)) return;
  const left = deduce(atom, before);
  const right = deduce(atom, after);
  let leaf: boolean;
  if (after === undefined) leaf = descend(before, after, left, path, out);
  else if (before === undefined || shapeOf(left) === shapeOf(right)) leaf = descend(before, after, right, path, out);
  else {
    // The value changed its shape: each side is walked as what it is.
    descend(before, after, left, path, out);
    leaf = descend(before, after, right, path, out);
  }
  if (leaf) return;
  if (before === undefined) insert(out.added, path);
  else if (after === undefined) insert(out.removed, path);
}

/** True where the value was taken as one leaf. */
function descend(before: unknown, after: unknown, atom: Atom, path: string[], out: Comparison): boolean {
  switch (shapeOf(atom)) {
    case 'scalar':
      markLeaf(before, after, path, out);
      return true;
    case 'list':
      return descendList(before, after, atom.list as ListType, path, out);
    case 'map':
      return descendMap(before, after, atom.map as MapType, path, out);
  }
}

function markLeaf(before: unknown, after: unknown, path: string[], out: Comparison): void {
  if (before === undefined) insert(out.added, path);
  else if (after === undefined) insert(out.removed, path);
  else insert(out.modified, path);
}

function descendMap(before: unknown, after: unknown, type: MapType, path: string[], out: Comparison): boolean {
  const left: PlainMap = isMap(before) ? before : {};
  const right: PlainMap = isMap(after) ? after : {};
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  if (type.atomic || keys.size === 0) {
    markLeaf(before, after, path, out);
    return true;
  }
  for (const key of keys) {
    if (left[key] === undefined && right[key] === undefined) continue;
    walk(left[key], right[key], typeOfKey(type, key), [...path, `f:${key}`], out);
  }
  return false;
}

function descendList(before: unknown, after: unknown, type: ListType, path: string[], out: Comparison): boolean {
  const left = groupItems(itemsOf(type, before));
  const right = groupItems(itemsOf(type, after));
  if (type.relationship === 'atomic' || (left.size === 0 && right.size === 0)) {
    markLeaf(before, after, path, out);
    return true;
  }
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    compareItems(left.get(element) ?? [], right.get(element) ?? [], type, [...path, element], out);
  }
  return false;
}

/** Items of one key; several of one key are compared as a whole, as the API server does. */
function compareItems(left: unknown[], right: unknown[], type: ListType, path: string[], out: Comparison): void {
  const [before, after] = [left.length, right.length];
  if (before <= 1 && after <= 1) return walk(left[0], right[0], type.element(), path, out);
  if (before >= 2 && after >= 2) {
    if (!jsonEqual(left, right)) insert(out.modified, path);
    return;
  }
  if (before >= 2) {
    if (after === 1) walk(undefined, right[0], type.element(), path, out);
    insert(out.removed, path);
    return;
  }
  if (before === 1) walk(left[0], undefined, type.element(), path, out);
  insert(out.added, path);
}
