import type { JsonValue } from '#libs/kubernetes/object';
import { digestOfSensitive, shownDigest } from './digest';
import type { FieldNode } from './field-node';

/** Of a value's JSON; more is clipped and becomes text. */
const maxShownLength = 256;

/** A live value as a report may show it. With a salt it is sensitive, and shown as a digest. */
export function shownValue(value: unknown, salt: string | undefined): JsonValue {
  if (value === undefined || value === null) return null;
  if (salt !== undefined) return shownDigest(digestOfSensitive(salt, value));
  const json = JSON.stringify(value);
  if (json.length <= maxShownLength) return value as JsonValue;
  const text = typeof value === 'string' ? value : json;
  return `${text.slice(0, maxShownLength)}… (${text.length} characters)`;
}

export function shownExpected(node: FieldNode): JsonValue {
  return shownValue(valueOf(node), undefined);
}

function valueOf(node: FieldNode): JsonValue {
  if ('digest' in node) return shownDigest(node.digest);
  if ('value' in node) return node.value;
  if ('items' in node) return node.items.map(([, below]) => valueOf(below));
  return Object.fromEntries(node.fields.map(([name, below]) => [name, valueOf(below)]));
}
