import { describeObject, referenceOf, type JsonValue, type KubernetesObject } from '#libs/kubernetes/object';
import { groupItems, itemsOf } from '#libs/kubernetes/ssa/elements';
import { emptySet, fieldNames, insert } from '#libs/kubernetes/ssa/path-set';
import type { ListType } from '#libs/kubernetes/ssa/schema';
import { isMap, jsonEqual } from '#libs/kubernetes/ssa/value';
import { digestOfSensitive } from './digest';
import { managerOf } from './field-manager';
import type { FieldNode, IntendedFields, ListKey } from './field-node';
import { isSensitive } from './intended-parts';
import { shownExpected, shownValue } from './shown';

export interface FieldDrift {
  /** As the API server names fields: `.spec.template.spec.containers[name="app"].image`. */
  path: string;
  /** Long values are clipped to text; values of Secrets are digests. */
  expected: JsonValue;
  /** Null where the field is gone. */
  actual: JsonValue;
  /** The field manager that holds the field now; absent where nobody does. */
  manager?: string;
}

/** `more` is how many fields have drifted beyond those that are listed. */
export type Drift = { kind: 'none' } | { kind: 'missing' } | { kind: 'changed'; fields: FieldDrift[]; more: number };

export const maxDriftFields = 50;
const maxPathLength = 900;

/**
 * Where the live object differs from what the API server returned after our apply. Only intended fields are looked at.
 * `live` must have been read in the version that was applied. `ownManager` is named only where nobody else holds a field.
 */
export function driftOf(baseline: IntendedFields, live: KubernetesObject | undefined, ownManager?: string): Drift {
  if (live === undefined) return { kind: 'missing' };
  requireSameObject(baseline, live);
  const found: Finding[] = [];
  compare(baseline.root, live, [], { baseline, found });
  if (found.length === 0) return { kind: 'none' };
  const shown = found.slice(0, maxDriftFields);
  const fields = shown.map((finding) => describe(finding, baseline, live, ownManager));
  return { kind: 'changed', fields, more: found.length - shown.length };
}

interface Finding {
  /** Elements as in `fieldsV1`. */
  path: string[];
  node: FieldNode;
  actual: unknown;
}

interface Context {
  baseline: IntendedFields;
  found: Finding[];
}

/** `path` is one array, lengthened and shortened on the way: objects have thousands of fields, and few drift. */
function compare(node: FieldNode, live: unknown, path: string[], context: Context): void {
  if (!holds(node, live, context.baseline.salt)) {
    context.found.push({ path: [...path], node, actual: live });
  } else if ('fields' in node) {
    const map = live as Record<string, unknown>;
    for (const [name, below] of node.fields) {
      path.push(`f:${name}`);
      compare(below, Object.hasOwn(map, name) ? map[name] : undefined, path, context);
      path.pop();
    }
  } else if ('items' in node) {
    const groups = groupItems(itemsOf(listTypeOf(node.keys), live));
    for (const [element, below] of node.items) {
      const values = groups.get(element) ?? [];
      path.push(element);
      // A second entry of the same key may win over ours, as with environment variables.
      if (values.length > 1) context.found.push({ path: [...path], node: below, actual: values });
      else compare(below, values[0], path, context);
      path.pop();
    }
  }
}

/** Whether the value is as it should be; of a map or list, whether it is one at all. */
function holds(node: FieldNode, live: unknown, salt: string): boolean {
  if ('fields' in node) return isMap(live);
  if ('items' in node) return Array.isArray(live);
  if (live === undefined || live === null) return false;
  return 'digest' in node ? digestOfSensitive(salt, live) === node.digest : jsonEqual(node.value, live);
}

function listTypeOf(keys: readonly ListKey[]): ListType {
  const fields = new Map(keys.map((key) => [key.name, { type: () => ({}), keyDefault: key.default }]));
  const element = () => ({ map: { atomic: false, fields } });
  return { relationship: keys.length > 0 ? 'map' : 'set', keys: keys.map((key) => key.name), element };
}

function describe(finding: Finding, baseline: IntendedFields, live: KubernetesObject, ownManager?: string): FieldDrift {
  const set = emptySet();
  insert(set, finding.path);
  const names = finding.path.map((element) => element.slice(2));
  const sensitive = isSensitive(baseline, names) || (names.length < 3 && isSensitiveBelow(finding.node));
  const drift: FieldDrift = {
    path: (fieldNames(set)[0] ?? '').slice(0, maxPathLength),
    expected: shownExpected(finding.node),
    actual: shownValue(finding.actual, sensitive ? baseline.salt : undefined),
  };
  const manager = managerOf(live.metadata.managedFields, finding.path, ownManager);
  return manager === undefined ? drift : { ...drift, manager };
}

function isSensitiveBelow(node: FieldNode): boolean {
  if ('fields' in node) return node.fields.some(([, below]) => isSensitiveBelow(below));
  return 'digest' in node;
}

/** Comparing two different objects is a mistake of the caller, and would show as drift of everything. */
function requireSameObject(baseline: IntendedFields, live: KubernetesObject): void {
  const { apiVersion, kind, namespace, name } = baseline;
  const same = live.kind === kind && live.metadata.name === name && (live.metadata.namespace ?? '') === namespace;
  if (same && live.apiVersion === apiVersion) return;
  throw new Error(
    `Drift of ${apiVersion} ${kind} ${namespace}/${name} was compared with ${live.apiVersion} ` +
      `${describeObject(referenceOf(live))}; read the live object in the version that was applied`,
  );
}
