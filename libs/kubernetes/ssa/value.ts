import type { Atom } from './schema';

export type PlainMap = Record<string, unknown>;

export function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Narrows an atom to the part that fits the value; null and absent values fit whatever the other side is. */
export function deduce(atom: Atom, value: unknown): Atom {
  if (value === undefined || value === null) return atom;
  if (Array.isArray(value)) return atom.list ? { list: atom.list } : atom;
  if (typeof value === 'object') return atom.map ? { map: atom.map } : atom;
  return atom.scalar ? { scalar: atom.scalar } : atom;
}

/** The part of an atom that a walk takes, in the order in which the API server takes them. */
export function shapeOf(atom: Atom): 'map' | 'scalar' | 'list' {
  if (atom.map) return 'map';
  return atom.scalar ? 'scalar' : 'list';
}

export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => jsonEqual(item, right[index]))
    );
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left).filter((key) => left[key] !== undefined);
  if (keys.length !== Object.keys(right).filter((key) => right[key] !== undefined).length) return false;
  return keys.every((key) => right[key] !== undefined && jsonEqual(left[key], right[key]));
}

export function cloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (!isMap(value)) return value;
  const copy: PlainMap = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) copy[key] = cloneJson(item);
  return copy as T;
}
