import { isMap, type PlainMap } from '#libs/kubernetes/ssa/value';

export interface EncodedTypes {
  /** In the notation of `parse-types.ts`, by the folder-like name of their package. */
  types: Map<string, string[]>;
  /** In the notation of `kinds.ts`. */
  kinds: string[];
}

/** Group versions that the in-memory API serves. */
const served = new Set(
  `v1 apps/v1 batch/v1 networking.k8s.io/v1 rbac.authorization.k8s.io/v1 policy/v1 autoscaling/v2 storage.k8s.io/v1
  apiextensions.k8s.io/v1 coordination.k8s.io/v1 scheduling.k8s.io/v1 discovery.k8s.io/v1 events.k8s.io/v1
  admissionregistration.k8s.io/v1 node.k8s.io/v1 apiregistration.k8s.io/v1`.split(/\s+/),
);
const objectPath =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(\/namespaces\/\{namespace\})?\/([a-z]+)\/\{name\}(\/status)?$/;
const leftOut = new Set(['Binding', 'ComponentStatus']);

/** Makes the tables of built-in kinds and types from the OpenAPI document (`/openapi/v2`) of an API server. */
export function encodeOpenApi(document: PlainMap): EncodedTypes {
  const definitions = mapAt(document, 'definitions');
  const encoder = new TypeEncoder(definitions);
  const kinds = kindsOf(mapAt(document, 'paths'));
  const lines = [...kinds].map(([key, { resource, namespaced, hasStatus }]) => {
    const name = encoder.name(definitionOf(definitions, key));
    return `${key} ${resource} ${namespaced ? 'n' : 'c'} ${hasStatus ? 's' : '-'} ${name}`;
  });
  return { types: encoder.finish(), kinds: lines };
}

interface KindPath {
  resource: string;
  namespaced: boolean;
  hasStatus: boolean;
}

function kindsOf(paths: PlainMap): Map<string, KindPath> {
  const kinds = new Map<string, KindPath>();
  for (const path of Object.keys(paths).sort()) {
    const match = objectPath.exec(path);
    const groupVersion = match?.[1] ?? match?.[2] ?? '';
    const { kind } = mapAt(mapAt(mapAt(paths, path), 'get'), 'x-kubernetes-group-version-kind') as { kind?: string };
    if (!match || kind === undefined || !served.has(groupVersion) || leftOut.has(kind)) continue;
    const found = kinds.get(`${groupVersion} ${kind}`) ?? { resource: match[4]!, namespaced: false, hasStatus: false };
    found.namespaced ||= match[3] !== undefined;
    found.hasStatus ||= match[5] !== undefined;
    kinds.set(`${groupVersion} ${kind}`, found);
  }
  return kinds;
}

function definitionOf(definitions: PlainMap, key: string): string {
  const found = Object.keys(definitions).find((name) => {
    const kinds = mapAt(definitions, name)['x-kubernetes-group-version-kind'];
    return (Array.isArray(kinds) ? (kinds as Record<string, string>[]) : []).some(
      ({ group, version, kind }) => `${group ? `${group}/` : ''}${version} ${kind}` === key,
    );
  });
  if (found === undefined) throw new Error(`the OpenAPI document has no definition of ${key}`);
  return found;
}

class TypeEncoder {
  /** Short names by full ones, in the order in which types were met. */
  private readonly names = new Map<string, string>();
  private readonly waiting: string[] = [];

  constructor(private readonly definitions: PlainMap) {}

  name(fullName: string): string {
    const known = this.names.get(fullName);
    if (known !== undefined) return known;
    const parts = fullName.split('.');
    const last = parts.at(-1)!;
    const name = [...this.names.values()].includes(last) ? `${parts.at(-3)}_${last}` : last;
    this.names.set(fullName, name);
    this.waiting.push(fullName);
    return name;
  }

  finish(): Map<string, string[]> {
    const types = new Map<string, string[]>();
    for (let fullName = this.waiting.shift(); fullName !== undefined; fullName = this.waiting.shift()) {
      const owner = fullName.slice(0, fullName.lastIndexOf('.'));
      types.set(owner, [...(types.get(owner) ?? []), this.struct(fullName)].sort());
    }
    return types;
  }

  private struct(fullName: string): string {
    const definition = mapAt(this.definitions, fullName);
    const name = this.name(fullName);
    const fields = Object.entries(mapAt(definition, 'properties')).map(([field, schema]) => {
      // The document does not say it, but an absent protocol is TCP.
      const tcp = field === 'protocol' && (name === 'ContainerPort' || name === 'ServicePort') ? '=TCP' : '';
      return `${field}:${this.reference(schema as PlainMap)}${tcp}`;
    });
    return [name, ...(isAtomic(definition) ? ['!'] : []), ...fields].join(' ');
  }

  private reference(schema: PlainMap): string {
    if (typeof schema['$ref'] !== 'string') return this.inline(schema);
    const fullName = schema['$ref'].slice(schema['$ref'].lastIndexOf('/') + 1);
    const definition = mapAt(this.definitions, fullName);
    if (!isMap(definition['properties'])) return this.inline(definition);
    const override = { atomic: '!', granular: '~' }[String(schema['x-kubernetes-map-type'])] ?? '';
    return override + this.name(fullName);
  }

  private inline(schema: PlainMap): string {
    // A quantity is written as a string or as a number.
    if (String(schema['description']).startsWith('Quantity is a fixed-point')) return 'u';
    const { type, format, items, additionalProperties } = schema;
    switch (type) {
      case 'object':
        return `${isAtomic(schema) ? '!' : ''}{${isMap(additionalProperties) ? this.reference(additionalProperties) : '?'}`;
      case 'array':
        return listMark(schema) + this.reference(items as PlainMap);
      case 'integer':
      case 'number':
        return 'n';
      case 'boolean':
        return 'b';
      case 'string':
        return format === undefined || format === 'byte' ? 's' : 'u';
      default:
        return '?';
    }
  }
}

function listMark(schema: PlainMap): string {
  const strategy = String(schema['x-kubernetes-patch-strategy']).split(',')[0];
  const kind = schema['x-kubernetes-list-type'] ?? (strategy === 'merge' ? 'merge' : 'atomic');
  const listed = schema['x-kubernetes-list-map-keys'] ?? [schema['x-kubernetes-patch-merge-key']];
  const keys = (listed as unknown[]).filter((key) => typeof key === 'string');
  if (kind === 'atomic') return '[';
  return kind === 'set' || keys.length === 0 ? '#' : `(${keys.join(',')})`;
}

function isAtomic(schema: PlainMap): boolean {
  return schema['x-kubernetes-map-type'] === 'atomic';
}

function mapAt(value: PlainMap, key: string): PlainMap {
  const found = value[key];
  return isMap(found) ? found : {};
}
