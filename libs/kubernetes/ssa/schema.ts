/**
 * What server-side apply has to know of a type: what is granular, what is atomic, and by which keys a list is a map.
 * An atom with several parts takes the part that fits the value (a field of unknown type has all three).
 */
export interface Atom {
  scalar?: ScalarType;
  list?: ListType;
  map?: MapType;
}

export type ScalarType = 'string' | 'numeric' | 'boolean' | 'untyped';

/** Types are looked up when they are met, so recursive ones need no knot. */
export type TypeReference = () => Atom;

export interface ListType {
  /** `atomic` is replaced as a whole; `map` merges by `keys`; `set` merges by the value of its scalars. */
  relationship: 'atomic' | 'set' | 'map';
  keys: string[];
  element: TypeReference;
}

export interface MapType {
  atomic: boolean;
  fields: ReadonlyMap<string, FieldType>;
  /** The type of keys that are no declared field; undefined where none are allowed. */
  element?: TypeReference;
}

export interface FieldType {
  type: TypeReference;
  /** Only kept for list keys, where an absent key means its default (`protocol` TCP). */
  keyDefault?: string | number | boolean;
}

const noFields: ReadonlyMap<string, FieldType> = new Map();

/** Any value, replaced as a whole. */
export const untypedAtom: Atom = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: () => untypedAtom },
  map: { atomic: true, fields: noFields, element: () => untypedAtom },
};

/** Any value of unknown schema: maps merge key by key, lists are replaced as a whole. */
export const deducedAtom: Atom = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: () => untypedAtom },
  map: { atomic: false, fields: noFields, element: () => deducedAtom },
};

export function mapOf(element: TypeReference, atomic = false): Atom {
  return { map: { atomic, fields: noFields, element } };
}

/** The type of one key of a map, declared or not. */
export function typeOfKey(type: MapType, key: string): Atom {
  return (type.fields.get(key)?.type ?? type.element ?? untyped)();
}

const untyped = () => untypedAtom;
