import type { Alias, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { JsonObject, JsonValue } from '#libs/kubernetes/object';
import { fieldPath, jsonPointer, type Path } from '../field-path';
import type { RenderLimits } from '../limits';
import type { RenderProblem } from '../port';
import { Problems } from '../problems';
import { floatKey } from './float-key';
import { resolvePlain, type Resolved } from './scalar';
import { resolveTagged } from './tagged';

export interface Converted {
  value: JsonValue;
  /** JSON pointers of the plain scalars that are exactly one `${...}`. */
  barePlaceholders: Set<string>;
}

export interface ConvertInput {
  root: Node;
  targets: ReadonlyMap<Alias, Node>;
  lineOf(offset: number): number;
  limits: RenderLimits;
}

export type ConvertResult =
  { ok: true; converted: Converted } | { ok: false; problems: Omit<RenderProblem, 'file' | 'document'>[] };

/** Turns one document's tree into the JSON that kubectl would send. */
export function convertDocument(input: ConvertInput): ConvertResult {
  const conversion = new Conversion(input);
  const value = conversion.value(input.root, []);
  if (!conversion.problems.isEmpty) return { ok: false, problems: conversion.problems.list() };
  return { ok: true, converted: { value, barePlaceholders: conversion.barePlaceholders } };
}

const loneSurrogate = /\p{Surrogate}/u;
const exactPlaceholder = /^\$\{[^}]*\}$/;
const notExact = {
  message: 'this integer has no exact value here: it is beyond ±9,007,199,254,740,991',
  remedy: 'quote it if the field takes text; as a number, Kubernetes clients disagree on it',
};

class Conversion {
  readonly problems: Problems;
  readonly barePlaceholders = new Set<string>();
  private readonly open = new Set<Node>();
  private expanded = 0;

  constructor(private readonly input: ConvertInput) {
    this.problems = new Problems(input.limits.problems);
  }

  value(node: unknown, path: Path): JsonValue {
    if (!isNode(node)) return null;
    if (this.open.size > 0) this.expanded += 1;
    if (this.expanded > this.input.limits.aliasNodes) {
      if (this.expanded === this.input.limits.aliasNodes + 1) this.refuse(node, path, this.excessiveAliases());
      this.expanded += 1;
      return null;
    }
    if (path.length > this.input.limits.depth) {
      const message = `maps and lists are nested more than ${this.input.limits.depth} deep`;
      return this.refuse(node, path.slice(0, 8), { message, remedy: 'flatten the document' });
    }
    if (isAlias(node)) return this.alias(node, (target) => this.value(target, path), path) ?? null;
    if (isMap(node)) return this.map(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.value(item, [...path, index]));
    return isScalar(node) ? this.scalar(node, path) : null;
  }

  private alias<T>(node: Alias, follow: (target: Node) => T, path: Path): T | undefined {
    const target = this.input.targets.get(node);
    if (!target || this.open.has(target)) {
      this.refuse(node, path, { message: 'an alias stands within its own anchor', remedy: 'write the value out' });
      return undefined;
    }
    this.open.add(target);
    const result = follow(target);
    this.open.delete(target);
    return result;
  }

  private map(node: YAMLMap, path: Path): JsonObject {
    const result: JsonObject = {};
    this.fill(result, node, path);
    return result;
  }

  private fill(result: JsonObject, node: YAMLMap, path: Path): void {
    const own = new Set<string>();
    let merged = false;
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        if (merged) this.refuse(pair.key as Node, path, { message: 'a map has `<<` twice', remedy: 'merge a list' });
        merged = true;
        this.merge(result, own, pair, path);
        continue;
      }
      const key = this.key(pair.key, path);
      if (key === undefined) continue;
      if (own.has(key)) {
        this.refuse(pair.key as Node, [...path, key], { message: 'the key stands twice', remedy: 'remove one' });
        continue;
      }
      own.add(key);
      result[key] = this.value(pair.value, [...path, key]);
    }
  }

  private merge(result: JsonObject, own: ReadonlySet<string>, pair: Pair, path: Path): void {
    const at = isNode(pair.value) ? pair.value : (pair.key as Node);
    const wanted = isSeq(pair.value) ? [...pair.value.items].reverse() : [pair.value];
    for (const source of wanted) {
      const merged = this.mergeSource(source, at, path);
      if (!merged) continue;
      for (const [key, value] of Object.entries(merged)) {
        if (own.has(key)) {
          // kubectl lets the merged value win here, YAML itself the one that is written out.
          const message = '`<<` comes after a key that it also brings';
          this.refuse(at, [...path, key], { message, remedy: 'put `<<` first in its map' });
        } else result[key] = value;
      }
    }
  }

  private mergeSource(source: unknown, at: Node, path: Path): JsonObject | undefined {
    if (isAlias(source)) {
      const target = this.input.targets.get(source);
      if (isMap(target)) return this.alias(source, () => this.map(target, path), path);
    }
    if (isMap(source)) return this.map(source, path);
    this.refuse(at, path, { message: '`<<` takes a map or a list of maps', remedy: 'name an anchored map' });
    return undefined;
  }

  private scalar(node: Scalar, path: Path): JsonValue {
    const resolved = this.resolve(node);
    switch (resolved.type) {
      case 'null':
        return null;
      case 'boolean':
        return resolved.value;
      case 'string':
        if (isPlain(node) && exactPlaceholder.test(resolved.value)) this.barePlaceholders.add(jsonPointer(path));
        return this.text(resolved.value, node, path);
      case 'integer':
        return this.number(Number(resolved.value), node, path);
      case 'float':
        if (Number.isFinite(resolved.value)) {
          const writtenAsInteger = /^[-+]?[0-9_]+$/.test(node.source ?? '');
          return writtenAsInteger ? this.number(resolved.value, node, path) : resolved.value + 0;
        }
        return this.refuse(node, path, { message: 'JSON has neither infinity nor .nan', remedy: 'quote the value' });
      case 'invalid':
        return this.refuse(node, path, resolved);
    }
  }

  private number(value: number, node: Node, path: Path): JsonValue {
    return Number.isSafeInteger(value) ? value + 0 : this.refuse(node, path, notExact);
  }

  private text(value: string, node: Node, path: Path): JsonValue {
    if (value.includes('\0')) {
      return this.refuse(node, path, { message: 'the text holds a NUL', remedy: 'remove the escape' });
    }
    if (!loneSurrogate.test(value)) return value;
    return this.refuse(node, path, {
      message: 'the text holds half of a surrogate pair',
      remedy: 'complete the escape',
    });
  }

  private key(node: unknown, path: Path): string | undefined {
    if (isAlias(node)) return this.alias(node, (target) => this.key(target, path), path);
    const at = isNode(node) ? node : this.input.root;
    const stringKeys = { message: 'a key is not text', remedy: 'quote the key' };
    if (!isScalar(node)) return this.refuse(at, path, stringKeys) ?? undefined;
    const resolved = this.resolve(node);
    const key = keyText(resolved);
    if (key === undefined) return this.refuse(at, path, stringKeys) ?? undefined;
    if (key === '__proto__') {
      const message = 'the key `__proto__` is not accepted';
      return this.refuse(at, path, { message, remedy: 'use another name' }) ?? undefined;
    }
    return this.text(key, at, path) === null ? undefined : key;
  }

  private resolve(node: Scalar): Resolved {
    // The failsafe schema leaves every scalar as text.
    const text = typeof node.value === 'string' ? node.value : '';
    if (node.tag !== undefined) return resolveTagged(node.tag, text);
    return isPlain(node) ? resolvePlain(text) : { type: 'string', value: text };
  }

  private refuse(node: Node, path: Path, problem: { message: string; remedy: string }): null {
    const line = node.range ? { line: this.input.lineOf(node.range[0]) } : {};
    const field = path.length === 0 ? {} : { field: fieldPath(path) };
    this.problems.add({ ...line, ...field, message: problem.message, remedy: problem.remedy });
    return null;
  }

  private excessiveAliases(): { message: string; remedy: string } {
    const message = `aliases stand for more than ${this.input.limits.aliasNodes} values in this document`;
    return { message, remedy: 'write values out, or split the document' };
  }
}

function isPlain(node: Scalar): boolean {
  return node.type === 'PLAIN' || node.type === undefined;
}

function isMergeKey(node: unknown): boolean {
  if (!isScalar(node) || node.value !== '<<') return false;
  return node.tag === undefined ? isPlain(node) : node.tag === 'tag:yaml.org,2002:merge';
}

function keyText(resolved: Resolved): string | undefined {
  switch (resolved.type) {
    case 'string':
      return resolved.value;
    case 'boolean':
      return String(resolved.value);
    case 'integer':
      return resolved.value >= 2n ** 63n ? undefined : String(resolved.value);
    case 'float':
      return floatKey(resolved.value);
    default:
      return undefined;
  }
}
