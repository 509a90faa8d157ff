import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '#libs/kubernetes/object';
import { fieldPath } from '#libs/rendering/field-path';

export interface FieldChange {
  /** As people write it: `spec.template.spec.containers[name=api].image`. */
  path: string;
  /** Missing: was not there. */
  before?: JsonValue;
  /** Missing: is not there any more. */
  after?: JsonValue;
}

export interface FieldDiffOptions {
  /** How a value is shown, at this path. */
  show: (value: JsonValue, path: string) => JsonValue;
  /** Maps below this path are compared member by member also where one side has none. */
  isOpened?: (path: string) => boolean;
  /** More changes than this are only counted. */
  maxChanges: number;
}

export interface FieldDiff {
  changes: FieldChange[];
  /** How many more there are. */
  more: number;
}

type JsonMap = { [key: string]: JsonValue };

/** Every field in which two values differ, the deepest that says it; items of lists are matched by `name` where all have one. */
export function diffFields(before: JsonValue, after: JsonValue, options: FieldDiffOptions): FieldDiff {
  const diff: FieldDiff = { changes: [], more: 0 };
  compare('', before, after, options, diff);
  return diff;
}

function compare(
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  options: FieldDiffOptions,
  diff: FieldDiff,
): void {
  if (isDeepStrictEqual(before, after)) return;
  const isOpened = options.isOpened?.(path) === true;
  const [left, right] = [mapOf(before, isOpened), mapOf(after, isOpened)];
  if (left !== undefined && right !== undefined) {
    for (const key of keysOf(left, right)) {
      compare(below(path, fieldPath([key])), left[key], right[key], options, diff);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) compareLists(path, before, after, options, diff);
  else note(path, before, after, options, diff);
}

function compareLists(
  path: string,
  before: JsonValue[],
  after: JsonValue[],
  options: FieldDiffOptions,
  diff: FieldDiff,
): void {
  const [left, right] = [byName(before), byName(after)];
  if (left === undefined || right === undefined) {
    const length = Math.max(before.length, after.length);
    for (let index = 0; index < length; index += 1) {
      compare(`${path}[${index}]`, before[index], after[index], options, diff);
    }
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    compare(`${path}[name=${name}]`, left.get(name), right.get(name), options, diff);
  }
  const order = (names: Iterable<string>, others: ReadonlyMap<string, unknown>) =>
    [...names].filter((name) => others.has(name));
  const [orderBefore, orderAfter] = [order(left.keys(), right), order(right.keys(), left)];
  if (!isDeepStrictEqual(orderBefore, orderAfter)) {
    note(`${path} (order)`, orderBefore, orderAfter, options, diff);
  }
}

function note(
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  { show, maxChanges }: FieldDiffOptions,
  diff: FieldDiff,
): void {
  if (diff.changes.length >= maxChanges) {
    diff.more += 1;
    return;
  }
  diff.changes.push({
    path,
    ...(before === undefined ? {} : { before: show(before, path) }),
    ...(after === undefined ? {} : { after: show(after, path) }),
  });
}

function mapOf(value: JsonValue | undefined, isOpened: boolean): JsonMap | undefined {
  if (value === undefined) return isOpened ? {} : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

function keysOf(left: JsonMap, right: JsonMap): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}

/** Undefined unless every item is a map with a name of its own. */
function byName(items: readonly JsonValue[]): Map<string, JsonValue> | undefined {
  const named = new Map<string, JsonValue>();
  for (const item of items) {
    const name = mapOf(item, false)?.['name'];
    if (typeof name !== 'string' || named.has(name)) return undefined;
    named.set(name, item);
  }
  return named;
}

function below(path: string, step: string): string {
  return path === '' || step.startsWith('[') ? `${path}${step}` : `${path}.${step}`;
}
