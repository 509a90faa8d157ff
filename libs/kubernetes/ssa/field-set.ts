import { groupItems, itemsOf } from './elements';
import { emptySet, insert, type PathSet } from './path-set';
import { type Atom, type ListType, type MapType, typeOfKey } from './schema';
import { deduce, isMap, shapeOf } from './value';

/** The fields that a value gives, down to its leaves: what its applier comes to own. */
export function fieldSetOf(value: unknown, atom: Atom): PathSet {
  const set = emptySet();
  walk(value, atom, [], set);
  return set;
}

function walk(value: unknown, atom: Atom, path: string[], set: PathSet): void {
  const deduced = deduce(atom, value);
  switch (shapeOf(deduced)) {
    case 'map':
      return walkMap(value, deduced.map as MapType, path, set);
    case 'list':
      return walkList(value, deduced.list as ListType, path, set);
    case 'scalar':
      return insert(set, path);
  }
}

function walkMap(value: unknown, type: MapType, path: string[], set: PathSet): void {
  if (type.atomic) return insert(set, path);
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const itemPath = [...path, `f:${key}`];
    walk(item, typeOfKey(type, key), itemPath, set);
    const empty = item === null || (isMap(item) && Object.keys(item).length === 0);
    if (empty || !type.fields.has(key)) insert(set, itemPath);
  }
}

function walkList(value: unknown, type: ListType, path: string[], set: PathSet): void {
  if (type.relationship === 'atomic') return insert(set, path);
  for (const [element, values] of groupItems(itemsOf(type, value))) {
    const itemPath = [...path, element];
    if (values.length === 1) walk(values[0], type.element(), itemPath, set);
    insert(set, itemPath);
  }
}

/** Adds every declared field on the way to a member, so that a struct goes when all that was in it goes. */
export function withNamedFields(set: PathSet, atom: Atom): PathSet {
  const members = new Set(set.members);
  const children = new Map<string, PathSet>();
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    if (name !== undefined && atom.map?.fields.has(name)) members.add(element);
    children.set(element, withNamedFields(child, typeOfElement(atom, name)));
  }
  return { members, children };
}

function typeOfElement(atom: Atom, name: string | undefined): Atom {
  if (name !== undefined) return atom.map ? typeOfKey(atom.map, name) : {};
  return atom.list ? atom.list.element() : {};
}
