import { type Atom, typeOfKey } from './schema';
import { deduce, isMap, type PlainMap } from './value';

/**
 * The value as the API server stores it: nulls are absent, and so are empty maps and lists of declared fields; an empty
 * struct (`emptyDir: {}`) says something and stays. What has no schema keeps its empty values.
 */
export function normalize(value: unknown, atom: Atom): unknown {
  const { map, list } = deduce(atom, value);
  if (Array.isArray(value)) return value.map((item: unknown) => normalize(item, list?.element() ?? {}));
  if (!isMap(value)) return value;
  const kept: PlainMap = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined) continue;
    const type = map ? typeOfKey(map, key) : {};
    if (map?.fields.has(key) && isEmptyCollection(item, type)) continue;
    kept[key] = normalize(item, type);
  }
  return kept;
}

function isEmptyCollection(value: unknown, type: Atom): boolean {
  if (type.scalar) return false;
  if (Array.isArray(value)) return value.length === 0;
  const isStruct = (type.map?.fields.size ?? 0) > 0;
  return isMap(value) && Object.keys(value).length === 0 && type.map !== undefined && !isStruct;
}
