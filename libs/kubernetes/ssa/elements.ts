import type { ListType } from './schema';
import { isMap } from './value';

export interface ListItem {
  element: string;
  value: unknown;
}

/** The path element of an item of a list that is a map or a set; an error where it has none. */
export function elementOfItem(type: ListType, item: unknown): { element: string } | { error: string } {
  if (type.relationship === 'set') {
    if (typeof item === 'object') return { error: 'a set holds scalars only' };
    return { element: `v:${JSON.stringify(item)}` };
  }
  if (!isMap(item)) return { error: 'associative list with keys may not have non-map elements' };
  const fields = type.element().map?.fields;
  const key: Record<string, unknown> = {};
  for (const name of [...type.keys].sort()) {
    const value = item[name] ?? fields?.get(name)?.keyDefault;
    if (value !== undefined) key[name] = value;
  }
  if (Object.keys(key).length === 0) {
    return { error: `associative list with keys has an element that omits all key fields "${type.keys.join(', ')}"` };
  }
  return { element: `k:${JSON.stringify(key)}` };
}

/** The items of a list with their elements; items without one are left out, since validation has refused them. */
export function itemsOf(type: ListType, list: unknown): ListItem[] {
  if (!Array.isArray(list)) return [];
  const items: ListItem[] = [];
  for (const value of list) {
    const result = elementOfItem(type, value);
    if ('element' in result) items.push({ element: result.element, value });
  }
  return items;
}

/** Items by element, in order of first appearance: objects that were not applied may hold duplicates. */
export function groupItems(items: readonly ListItem[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const { element, value } of items) {
    const group = groups.get(element);
    if (group) group.push(value);
    else groups.set(element, [value]);
  }
  return groups;
}
