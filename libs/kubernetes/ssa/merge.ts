import { itemsOf, type ListItem } from './elements';
import { type Atom, type ListType, type MapType, typeOfKey } from './schema';
import { deduce, isMap, type PlainMap, shapeOf } from './value';

/** The applied value laid over the live one: leaves and atomic parts are taken from `applied` where it has them. */
export function merge(live: unknown, applied: unknown, atom: Atom): unknown {
  if (applied === undefined) return live;
  if (live === undefined || live === null) return applied;
  const left = deduce(atom, live);
  const right = deduce(atom, applied);
  if (applied !== null && shapeOf(left) !== shapeOf(right)) return applied;
  const shape = shapeOf(left);
  if (shape === 'map') return mergeMaps(live, applied, left.map as MapType);
  if (shape === 'list') return mergeLists(live, applied, left.list as ListType);
  return applied;
}

function mergeMaps(live: unknown, applied: unknown, type: MapType): unknown {
  const left: PlainMap = isMap(live) ? live : {};
  const right: PlainMap = isMap(applied) ? applied : {};
  if (type.atomic || (Object.keys(left).length === 0 && Object.keys(right).length === 0)) return applied;
  const merged: PlainMap = {};
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const value = merge(left[key], right[key], typeOfKey(type, key));
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function mergeLists(live: unknown, applied: unknown, type: ListType): unknown {
  const left = itemsOf(type, live);
  const right = itemsOf(type, applied);
  if (type.relationship === 'atomic' || (left.length === 0 && right.length === 0)) return applied;
  return mergeItems(left, right, type);
}

/**
 * Items of both lists: the applied ones in their own order, those that are only live beside the neighbours they had.
 * The order is the one that the API server arrives at, since pods and ports start in it.
 */
function mergeItems(left: ListItem[], right: ListItem[], type: ListType): unknown[] {
  const inLeft = firstValues(left);
  const inRight = firstValues(right);
  const shared = right.filter((item) => inLeft.has(item.element)).map((item) => item.element);
  const taken = new Set<string>();
  const merged: unknown[] = [];
  let nextShared = shared.shift();
  let l = 0;
  let r = 0;
  const takeRight = (item: ListItem) => {
    taken.add(item.element);
    merged.push(merge(inLeft.get(item.element), item.value, type.element()));
    r += 1;
    if (nextShared === item.element) nextShared = shared.shift();
  };
  while (l < left.length || r < right.length) {
    const leftItem = left[l];
    const rightItem = right[r];
    if (leftItem && rightItem) {
      if (leftItem.element === rightItem.element) {
        takeRight(rightItem);
        l += 1;
        continue;
      }
      if (inRight.has(leftItem.element) && nextShared !== undefined && nextShared !== leftItem.element) {
        l += 1;
        continue;
      }
    }
    if (leftItem && !inRight.has(leftItem.element)) {
      merged.push(leftItem.value);
      l += 1;
      continue;
    }
    if (leftItem && taken.has(leftItem.element)) l += 1;
    if (rightItem) takeRight(rightItem);
  }
  return merged;
}

/** A key that occurs twice in the live list merges with nothing: the applied item replaces both. */
function firstValues(items: ListItem[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const { element, value } of items) values.set(element, values.has(element) ? null : value);
  return values;
}
