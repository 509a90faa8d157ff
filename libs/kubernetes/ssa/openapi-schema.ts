import { type Atom, deducedAtom, type FieldType, type ScalarType, untypedAtom } from './schema';
import { isMap, type PlainMap } from './value';

const scalars: Record<string, ScalarType> = { integer: 'numeric', number: 'numeric', boolean: 'boolean' };

/**
 * The type of a custom resource from the `openAPIV3Schema` of its definition: lists are atomic unless
 * `x-kubernetes-list-type` says `map` or `set`, maps are granular unless `x-kubernetes-map-type` says `atomic`.
 * `metadata` is the type of the object's metadata, which no definition describes.
 */
export function schemaOfCustomResource(openApiSchema: unknown, metadata: Atom): Atom {
  if (!isMap(openApiSchema)) return withObjectFields(deducedAtom, metadata);
  return withObjectFields(atomOf(openApiSchema, false), metadata);
}

function withObjectFields(atom: Atom, metadata: Atom): Atom {
  const fields = new Map<string, FieldType>(atom.map?.fields ?? []);
  fields.set('apiVersion', { type: () => ({ scalar: 'string' }) });
  fields.set('kind', { type: () => ({ scalar: 'string' }) });
  fields.set('metadata', { type: () => metadata });
  return { map: { atomic: false, fields, element: atom.map?.element } };
}

function atomOf(schema: PlainMap, preserve: boolean): Atom {
  if (schema['x-kubernetes-int-or-string'] === true) return { scalar: 'untyped' };
  const keepsUnknown = preserve || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const type = schema['type'];
  if (type === 'object') return { map: mapTypeOf(schema, keepsUnknown) };
  if (type === 'array') return { list: listTypeOf(schema, keepsUnknown) };
  if (type === 'string') return { scalar: schema['format'] ? 'untyped' : 'string' };
  if (typeof type === 'string') return { scalar: scalars[type] ?? 'untyped' };
  return { scalar: 'untyped', list: listTypeOf(schema, keepsUnknown), map: mapTypeOf(schema, keepsUnknown) };
}

function mapTypeOf(schema: PlainMap, preserve: boolean): NonNullable<Atom['map']> {
  const properties = isMap(schema['properties']) ? schema['properties'] : {};
  const fields = new Map<string, FieldType>();
  for (const [name, property] of Object.entries(properties)) {
    if (!isMap(property)) continue;
    const keyDefault = property['default'];
    const atom = once(() => atomOf(property, preserve));
    fields.set(name, isScalar(keyDefault) ? { type: atom, keyDefault } : { type: atom });
  }
  const additional = schema['additionalProperties'];
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  if (isMap(additional)) return { atomic, fields, element: once(() => atomOf(additional, preserve)) };
  const open = additional === true || (additional === undefined && (preserve || fields.size === 0));
  return open ? { atomic, fields, element: () => deducedAtom } : { atomic, fields };
}

function listTypeOf(schema: PlainMap, preserve: boolean): NonNullable<Atom['list']> {
  const items = schema['items'];
  const element = isMap(items) ? once(() => atomOf(items, preserve)) : () => untypedAtom;
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  if (kind === 'map' && Array.isArray(keys)) return { relationship: 'map', keys: keys.map(String), element };
  return { relationship: kind === 'set' ? 'set' : 'atomic', keys: [], element };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function once(make: () => Atom): () => Atom {
  let made: Atom | undefined;
  return () => (made ??= make());
}
