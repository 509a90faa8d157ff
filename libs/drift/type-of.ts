import { groupOf, type KubernetesObject, versionOf } from '#libs/kubernetes/object';
import { builtinKinds, objectMetaType } from '#libs/kubernetes/ssa/builtin/builtin-kinds';
import { fromFieldsV1, type PathSet, emptySet, union } from '#libs/kubernetes/ssa/path-set';
import { type Atom, deducedAtom, type FieldType, type ListType, untypedAtom } from '#libs/kubernetes/ssa/schema';

const builtin = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind.type]));

/**
 * How server-side apply divides an object among managers: for built-in kinds from the table, for others from what the API
 * server has written into `managedFields` of `applied`, which follows the schema of the definition.
 */
export function typeOf(object: KubernetesObject, applied: KubernetesObject): Atom {
  const { apiVersion, kind } = object;
  const known = builtin.get(`${groupOf(apiVersion)}/${versionOf(apiVersion)}/${kind}`);
  if (known !== undefined) return known();
  const sets = (applied.metadata.managedFields ?? []).map((entry) => fromFieldsV1(entry.fieldsV1 ?? {}));
  const learnt = learntType(sets.reduce(union, emptySet()));
  const fields = new Map([...(learnt.map?.fields ?? []), ['metadata', { type: objectMetaType }] as const]);
  return { map: { atomic: false, fields, element: () => deducedAtom } };
}

/** The type of a value of which these fields are owned. */
function learntType(owned: PathSet): Atom {
  const fields = new Map<string, FieldType>();
  for (const element of new Set([...owned.members, ...owned.children.keys()])) {
    if (!element.startsWith('f:')) continue;
    const below = owned.children.get(element);
    // Owned, and nothing below it: a scalar, or a list or map that is one value.
    fields.set(element.slice(2), { type: () => (below === undefined ? untypedAtom : learntType(below)) });
  }
  return { scalar: 'untyped', list: learntList(owned), map: { atomic: false, fields, element: () => deducedAtom } };
}

function learntList(owned: PathSet): ListType {
  const elements = [...new Set([...owned.members, ...owned.children.keys()])];
  const keyed = elements.filter((element) => element.startsWith('k:'));
  if (keyed.length > 0) {
    const names = keyed.flatMap((element) => Object.keys(JSON.parse(element.slice(2)) as object));
    const entries = keyed.flatMap((element) => owned.children.get(element) ?? []);
    const element = () => learntType(entries.reduce(union, emptySet()));
    return { relationship: 'map', keys: [...new Set(names)].sort(), element };
  }
  const isSet = elements.some((element) => element.startsWith('v:'));
  return { relationship: isSet ? 'set' : 'atomic', keys: [], element: () => untypedAtom };
}
