/**
 * How server-side apply divides a field among managers.
 * - `map`: a list whose entries are told apart by the values of `keys`; a key that an entry leaves out has its default
 * - `set`: a list of scalars, each of which is owned by itself
 * - `atomic`: owned and compared as one value, whether it is a list, a map or a struct
 */
export type Topology =
  | { type: 'map'; keys: readonly string[]; defaults?: Readonly<Record<string, string>> }
  | { type: 'set' }
  | { type: 'atomic' };

/** Topologies by path: field names joined by dots, without the keys of list entries. */
export type Fields = Readonly<Record<string, Topology>>;

export const atomic: Topology = { type: 'atomic' };
export const set: Topology = { type: 'set' };

export function by(...keys: string[]): Topology {
  return { type: 'map', keys };
}

/** The same fields, one or more levels further down. */
export function below(prefix: string, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([path, topology]) => [`${prefix}.${path}`, topology]));
}
