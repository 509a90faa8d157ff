import { isDeepStrictEqual } from 'node:util';
import type { IntendedFields } from '#libs/drift/field-node';
import type { DesiredObject } from '../sync/desired';
import type { Baseline } from './target';

/** By the node, which agents of one process share: their clusters mostly make the same of it. */
const known = new WeakMap<DesiredObject['node'], IntendedFields['root']>();

/** A baseline whose fields are in memory once for all agents that have equal ones; nobody changes them. */
export function sharedBaseline({ node, digest }: DesiredObject, fields: IntendedFields): Baseline {
  const root = known.get(node);
  if (root !== undefined && isDeepStrictEqual(root, fields.root)) return { digest, fields: { ...fields, root } };
  known.set(node, fields.root);
  return { digest, fields };
}
