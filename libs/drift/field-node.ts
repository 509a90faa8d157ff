import type { JsonValue } from '#libs/kubernetes/object';

/**
 * The intended fields of an object with a value for each, as a tree. Plain JSON, so that it may be stored. Names and
 * elements stand in pairs, not as keys: `__proto__` is a name that a ConfigMap may have.
 * - `value`: a scalar, or something that server-side apply takes as one: compared as a whole
 * - `digest`: the same, of a value that must not be seen
 * - `fields`: a map or struct; what is not named is not ours. Without any: that it is there is intended
 * - `items`: a list whose entries are owned one by one, by element as in `fieldsV1`: `k:{"name":"app"}`, `v:"a"`
 */
export type FieldNode =
  | { value: JsonValue }
  | { digest: string }
  | { fields: [name: string, node: FieldNode][] }
  | { items: [element: string, node: FieldNode][]; keys: ListKey[] };

/** What tells apart the entries of a list, with what an entry means that leaves it out. No keys: the scalars themselves. */
export interface ListKey {
  name: string;
  default?: string | number | boolean;
}

/** The intended fields of one object. `salt` is part of the digests in it. */
export interface IntendedFields {
  apiVersion: string;
  kind: string;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
  salt: string;
  root: FieldNode;
}
