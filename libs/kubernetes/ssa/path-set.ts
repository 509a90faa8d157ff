import type { JsonObject } from '#libs/kubernetes/object';

/**
 * A set of field paths as a tree. Elements are written as in `fieldsV1`: `f:name` for a field, `k:{"name":"a"}` for an
 * item of a list by key, `v:"a"` for an item of a set. A path may be a member and have members below it.
 */
export interface PathSet {
  readonly members: Set<string>;
  readonly children: Map<string, PathSet>;
}

export function emptySet(): PathSet {
  return { members: new Set(), children: new Map() };
}

export function isEmpty(set: PathSet): boolean {
  return set.members.size === 0 && [...set.children.values()].every(isEmpty);
}

/** Changes `set`. The empty path, the object itself, is never a member. */
export function insert(set: PathSet, path: readonly string[]): void {
  let node = set;
  path.forEach((element, index) => {
    if (index === path.length - 1) node.members.add(element);
    else node = childOf(node, element);
  });
}

function childOf(set: PathSet, element: string): PathSet {
  let child = set.children.get(element);
  if (!child) set.children.set(element, (child = emptySet()));
  return child;
}

export function union(left: PathSet, right: PathSet): PathSet {
  const result: PathSet = { members: new Set([...left.members, ...right.members]), children: new Map(left.children) };
  for (const [element, child] of right.children) {
    const other = left.children.get(element);
    result.children.set(element, other ? union(other, child) : child);
  }
  return result;
}

export function intersection(left: PathSet, right: PathSet): PathSet {
  const result = emptySet();
  for (const element of left.members) if (right.members.has(element)) result.members.add(element);
  for (const [element, child] of left.children) {
    const other = right.children.get(element);
    if (other) addChild(result, element, intersection(child, other));
  }
  return result;
}

/** What is in `left` and not in `right`, path by path: removing a path leaves what is below it. */
export function difference(left: PathSet, right: PathSet): PathSet {
  const result = emptySet();
  for (const element of left.members) if (!right.members.has(element)) result.members.add(element);
  for (const [element, child] of left.children) {
    const other = right.children.get(element);
    addChild(result, element, other ? difference(child, other) : child);
  }
  return result;
}

function addChild(set: PathSet, element: string, child: PathSet): void {
  if (!isEmpty(child)) set.children.set(element, child);
}

export function setsEqual(left: PathSet, right: PathSet): boolean {
  return isEmpty(difference(left, right)) && isEmpty(difference(right, left));
}

export function toFieldsV1(set: PathSet): JsonObject {
  const fields: JsonObject = {};
  for (const element of [...new Set([...set.members, ...set.children.keys()])].sort()) {
    const child = set.children.get(element);
    const below = child && !isEmpty(child) ? toFieldsV1(child) : {};
    fields[element] = set.members.has(element) && Object.keys(below).length > 0 ? { '.': {}, ...below } : below;
  }
  return fields;
}

export function fromFieldsV1(fields: JsonObject): PathSet {
  const set = emptySet();
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') continue;
    const object = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : {};
    const keys = Object.keys(object);
    if (keys.length === 0 || '.' in object) set.members.add(element);
    if (keys.some((key) => key !== '.')) set.children.set(element, fromFieldsV1(object));
  }
  return set;
}

/** The members as the API server names them: `.spec.containers[name="app"].image`, `.metadata.finalizers[="x"]`. */
export function fieldNames(set: PathSet, prefix = ''): string[] {
  const names: string[] = [];
  for (const element of [...new Set([...set.members, ...set.children.keys()])].sort()) {
    const name = prefix + elementName(element);
    if (set.members.has(element)) names.push(name);
    const child = set.children.get(element);
    if (child) names.push(...fieldNames(child, name));
  }
  return names;
}

function elementName(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
