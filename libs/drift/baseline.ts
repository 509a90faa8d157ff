import type { JsonValue, KubernetesObject } from '#libs/kubernetes/object';
import { groupItems, itemsOf } from '#libs/kubernetes/ssa/elements';
import { type Atom, type ListType, type MapType, typeOfKey } from '#libs/kubernetes/ssa/schema';
import { cloneJson, deduce, isMap, shapeOf } from '#libs/kubernetes/ssa/value';
import { digestOfSensitive } from './digest';
import type { FieldNode, IntendedFields, ListKey } from './field-node';
import { intendedParts, isSensitive } from './intended-parts';
import { typeOf } from './type-of';

/** The fields that applying `object` sends, with the values as they are sent. */
export function intendedFields(object: KubernetesObject): IntendedFields {
  return baselineOf(object, object);
}

/**
 * The values of the intended fields as the API server returned them after our apply: with its defaults and spellings
 * (`1000m` is `1`) and what webhooks made of them, none of which is drift later. Fields that it dropped are not compared.
 */
export function baselineOf(applied: KubernetesObject, intended: KubernetesObject): IntendedFields {
  const salt = applied.metadata.uid ?? '';
  const type = typeOf(intended, applied);
  const sent = intendedParts(intended);
  const returned = applied === intended ? sent : applied;
  const root = project(sent, returned, type, { salt, sensitive: false, path: [], secret: intended });
  const { apiVersion, kind, metadata } = intended;
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    salt,
    root: root ?? { fields: [] },
  };
}

interface Context {
  salt: string;
  sensitive: boolean;
  /** Names from the top, as far as it matters for what is sensitive. */
  path: string[];
  secret: KubernetesObject;
}

/** The part of `returned` that `sent` names; undefined where nothing of it came back. */
function project(sent: unknown, returned: unknown, atom: Atom, context: Context): FieldNode | undefined {
  if (sent === undefined || sent === null || returned === undefined || returned === null) return undefined;
  const deduced = deduce(atom, sent);
  switch (shapeOf(deduced)) {
    case 'map':
      return projectMap(sent, returned, deduced.map as MapType, context);
    case 'list':
      return projectList(sent, returned, deduced.list as ListType, context);
    case 'scalar':
      return wholeOf(returned, context);
  }
}

function projectMap(sent: unknown, returned: unknown, type: MapType, context: Context): FieldNode | undefined {
  if (type.atomic || !isMap(sent) || !isMap(returned)) return wholeOf(returned, context);
  const names = Object.keys(sent);
  if (names.length === 0) {
    // `emptyDir: {}` is a choice. Where others have filled it, that it is there is theirs.
    return Object.keys(returned).length === 0 ? { fields: [] } : undefined;
  }
  const fields: [string, FieldNode][] = [];
  for (const name of names) {
    const below = Object.hasOwn(returned, name) ? returned[name] : undefined;
    const node = project(sent[name], below, typeOfKey(type, name), descend(context, name));
    if (node !== undefined) fields.push([name, node]);
  }
  return fields.length > 0 ? { fields } : undefined;
}

function descend(context: Context, name: string): Context {
  if (context.sensitive || context.path.length >= 3) return context;
  const path = [...context.path, name];
  return { ...context, path, sensitive: isSensitive(context.secret, path) };
}

function projectList(sent: unknown, returned: unknown, type: ListType, context: Context): FieldNode | undefined {
  if (type.relationship === 'atomic' || !Array.isArray(returned)) return wholeOf(returned, context);
  const ours = groupItems(itemsOf(type, sent));
  const theirs = groupItems(itemsOf(type, returned));
  const items: [string, FieldNode][] = [];
  for (const [element, values] of ours) {
    const found = theirs.get(element) ?? [];
    // Several entries of one key cannot be told apart: then the list is one value.
    if (values.length > 1 || found.length > 1) return wholeOf(returned, context);
    const node = project(values[0], found[0], type.element(), context);
    if (node !== undefined) items.push([element, node]);
  }
  return items.length > 0 ? { items, keys: keysOf(type) } : undefined;
}

function keysOf(type: ListType): ListKey[] {
  const fields = type.element().map?.fields;
  return type.keys.map((name) => {
    const keyDefault = fields?.get(name)?.keyDefault;
    return keyDefault === undefined ? { name } : { name, default: keyDefault };
  });
}

function wholeOf(returned: unknown, context: Context): FieldNode {
  if (context.sensitive) return { digest: digestOfSensitive(context.salt, returned) };
  return { value: cloneJson(returned) as JsonValue };
}
