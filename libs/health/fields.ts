import { clip } from './health';

/**
 * Reading a live object, of which no type can be trusted: a value of another type is read as absent.
 * Names are given one by one, since names of fields may hold dots.
 */
export function valueAt(from: unknown, ...names: string[]): unknown {
  let value = from;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

export function numberAt(from: unknown, ...names: string[]): number | undefined {
  const value = valueAt(from, ...names);
  return typeof value === 'number' ? value : undefined;
}

export function textAt(from: unknown, ...names: string[]): string | undefined {
  const value = valueAt(from, ...names);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function listAt(from: unknown, ...names: string[]): unknown[] {
  const value = valueAt(from, ...names);
  return Array.isArray(value) ? value : [];
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** `status.conditions`, without entries that have no type. */
export function conditionsOf(object: unknown): Condition[] {
  return listAt(object, 'status', 'conditions').flatMap((entry) => {
    const type = textAt(entry, 'type');
    if (type === undefined) return [];
    const [status, reason, message] = [textAt(entry, 'status'), textAt(entry, 'reason'), textAt(entry, 'message')];
    return [{ type, status: status ?? '', reason: reason ?? '', message: message ?? '' }];
  });
}

export function conditionOf(object: unknown, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** A condition's own words, or others where it says nothing. */
export function wordsOf(condition: Condition, otherwise: string): string {
  if (condition.message !== '') return condition.message;
  return condition.reason !== '' ? `${otherwise} (${condition.reason})` : otherwise;
}

/** `a, b and 3 more`, of names that may be many and long. */
export function enumerate(names: readonly string[], shown = 3): string {
  const first = names.slice(0, shown).map((name) => clip(name, 100));
  return names.length <= shown ? first.join(', ') : `${first.join(', ')} and ${names.length - shown} more`;
}
