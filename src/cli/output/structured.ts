import type * as yaml from 'yaml';

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function yamlText(value: unknown): string {
  const { stringify } = require('yaml') as typeof yaml;
  // Through JSON, so that members without a value are left out as they are there.
  return stringify(JSON.parse(JSON.stringify(value)), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Documents that `flotilla apply -f` takes again. */
export function yamlDocuments(values: readonly unknown[]): string {
  return values.map((value) => `---\n${yamlText(value)}`).join('');
}
