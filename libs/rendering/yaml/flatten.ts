import type { JsonObject, JsonValue, KubernetesObject } from '#libs/kubernetes/object';
import { fieldPath, jsonPointer, type Path } from '../field-path';
import type { RenderedObject, RenderProblem } from '../port';
import type { YamlDocument } from './parse';

export type Flattened = { objects: RenderedObject[]; errors: RenderProblem[] };

/** Takes the objects out of a document: itself, or the items of a List, in Lists too. */
export function flattenDocument(document: YamlDocument): Flattened {
  const result: Flattened = { objects: [], errors: [] };
  const itemPlaceholders = new Map<string, string[]>();
  for (const pointer of document.barePlaceholders) {
    const item = itemOf(pointer);
    const known = itemPlaceholders.get(item);
    if (known) known.push(pointer);
    else itemPlaceholders.set(item, [pointer]);
  }
  visit(document.value, [], { document, itemPlaceholders, result });
  return result;
}

interface Visit {
  document: YamlDocument;
  /** By the item of the outermost list, so that a long list is not searched once for each of its items. */
  itemPlaceholders: ReadonlyMap<string, readonly string[]>;
  result: Flattened;
}

function itemOf(pointer: string): string {
  return pointer.split('/', 3).join('/');
}

function visit(value: JsonValue, path: Path, state: Visit): void {
  const { document, result } = state;
  const refuse = (step: Path, message: string, remedy: string) => {
    const field = fieldPath([...path, ...step]);
    result.errors.push({ ...document.origin, ...(field === '' ? {} : { field }), message, remedy });
  };
  if (!isMap(value)) {
    return refuse([], 'this is no Kubernetes object: it is not a map', 'move what is no manifest out of this path');
  }
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    return refuse(['apiVersion'], 'the object has no apiVersion', 'set it, as in `apiVersion: v1`');
  }
  if (typeof kind !== 'string' || kind === '') {
    return refuse(['kind'], 'the object has no kind', 'set it, as in `kind: ConfigMap`');
  }
  if (kind === 'List' || (kind.endsWith('List') && Array.isArray(items))) {
    if (items === undefined || items === null) return;
    if (!Array.isArray(items)) return refuse(['items'], 'the items of a List are not a list', 'write them as a list');
    // The item of a typed list, a PodList say, need not repeat what it is.
    const inherited: JsonObject = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
    items.forEach((item, index) => {
      const typed = isMap(item) && item.apiVersion === undefined && item.kind === undefined;
      visit(typed ? { ...inherited, ...item } : item, [...path, 'items', index], state);
    });
    return;
  }
  if (!isMap(value.metadata ?? null)) return refuse(['metadata'], 'the object has no metadata', 'add metadata.name');
  result.objects.push({
    object: value as unknown as KubernetesObject,
    origin: document.origin,
    barePlaceholders: placeholdersOf(path, state),
  });
}

function isMap(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeholdersOf(path: Path, state: Visit): ReadonlySet<string> {
  if (path.length === 0) return state.document.barePlaceholders;
  const prefix = jsonPointer(path);
  const candidates = state.itemPlaceholders.get(itemOf(prefix)) ?? [];
  return new Set(candidates.filter((pointer) => pointer.startsWith(`${prefix}/`)).map((p) => p.slice(prefix.length)));
}
