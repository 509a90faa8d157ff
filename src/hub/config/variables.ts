import { z } from 'zod';
import { hubConfigSchema } from './schema';

/** One leaf of the configuration: where it stands in the file, and its environment variable. */
export interface ConfigVariable {
  /** For example `http.publicUrl`. */
  path: string[];
  /** For example `FLOTILLA_HTTP_PUBLIC_URL`. */
  name: string;
  kind: 'text' | 'boolean' | 'list';
  /** May also be given as a file: `<name>_FILE`. Never shown. */
  secret: boolean;
  description?: string;
}

const secrets = new Set(['database.url', 'encryption.key', 'log.sasl.password', 'outgoing.proxy']);

interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  description?: string;
}

/** Every leaf of the schema, in its order. */
export const configVariables: readonly ConfigVariable[] = leavesOf(
  z.toJSONSchema(hubConfigSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
  [],
);

export function variableFor(path: readonly string[]): string {
  return `FLOTILLA_${path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;
}

function leavesOf(schema: JsonSchema, path: string[]): ConfigVariable[] {
  const members = [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((each) =>
    Object.entries(each.properties ?? {}),
  );
  if (members.length > 0) {
    const found = members.flatMap(([key, member]) => leavesOf(member, [...path, key]));
    return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index);
  }
  const kind = schema.type === 'array' ? 'list' : schema.type === 'boolean' ? 'boolean' : 'text';
  const description = schema.description === undefined ? {} : { description: schema.description };
  return [{ path, name: variableFor(path), kind, secret: secrets.has(path.join('.')), ...description }];
}
