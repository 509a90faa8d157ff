import { groupItems, itemsOf } from './elements';
import { emptySet, type PathSet } from './path-set';
import { type Atom, type ListType, type MapType, typeOfKey } from './schema';
import { deduce, isMap, shapeOf } from './value';

/** The fields that a value gives, down to its leaves: what its applier comes to own. */
export function fieldSetOf(value: unknown, atom: Atom): PathSet {
  const set = emptySet();
  walk(value, atom, set);
  return set;
}

/** Adds what is below the value to `set`; true where the value itself is a leaf. */
function walk(value: unknown, atom: Atom, set: PathSet): boolean {
  const deduced = deduce(atom, value);
  switch (shapeOf(deduced)) {
    case 'map':
      return walkMap(value, deduced.map as MapType, set);
    case 'list':
      return walkList(value, deduced.list as ListType, set);
    case 'scalar':
      return true;
  }
}

function walkMap(value: unknown, type: MapType, set: PathSet): boolean {
  if (type.atomic) return true;
  if (!isMap(value)) return false;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const empty = item === null || (isMap(item) && Object.keys(item).length === 0);
    walkInto(item, typeOfKey(type, key), `f:${key}`, set, empty || !type.fields.has(key));
  }
  return false;
}

function walkList(value: unknown, type: ListType, set: PathSet): boolean {
  if (type.relationship === 'atomic') return true;
  for (const [element, values] of groupItems(itemsOf(type, value))) {
    if (values.length === 1) walkInto(values[0], type.element(), element, set, true);
    else set.members.add(element);
  }
  return false;
}

function walkInto(value: unknown, atom: Atom, element: string, set: PathSet, isMember: boolean): void {
  const child = emptySet();
  if (walk(value, atom, child) || isMember) set.members.add(element);
  if (child.members.size > 0 || child.children.size > 0) set.children.set(element, child);
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
