import { elementOfItem } from './elements';
import type { PathSet } from './path-set';
import { type Atom, type ListType, type MapType, typeOfKey } from './schema';
import { deduce, isMap, type PlainMap, shapeOf } from './value';

/** The value without the paths of the set; what becomes empty by it becomes null, as on the API server. */
export function removeItems(value: unknown, set: PathSet, atom: Atom): unknown {
  const deduced = deduce(atom, value);
  switch (shapeOf(deduced)) {
    case 'scalar':
      return value;
    case 'map':
      return removeFromMap(value, set, deduced.map as MapType);
    case 'list':
      return removeFromList(value, set, deduced.list as ListType);
  }
}

function removeFromMap(value: unknown, set: PathSet, type: MapType): unknown {
  if (!isMap(value) || Object.keys(value).length === 0 || type.atomic) return null;
  const kept: PlainMap = {};
  for (const [key, item] of Object.entries(value)) {
    const element = `f:${key}`;
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    kept[key] = below ? removeItems(item, below, typeOfKey(type, key)) : item;
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function removeFromList(value: unknown, set: PathSet, type: ListType): unknown {
  if (!Array.isArray(value) || value.length === 0 || type.relationship === 'atomic') return null;
  const kept: unknown[] = [];
  for (const item of value) {
    const result = elementOfItem(type, item);
    const element = 'element' in result ? result.element : '';
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    kept.push(below ? removeItems(item, below, type.element()) : item);
  }
  return kept.length > 0 ? kept : null;
}
