import { z } from 'zod';
import { applicationDocumentSchema } from './application';
import { clusterDocumentSchema } from './cluster';
import { sourceDocumentSchema } from './source';

const documents = {
  Cluster: clusterDocumentSchema,
  Source: sourceDocumentSchema,
  Application: applicationDocumentSchema,
};

interface Schema {
  type?: string | string[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  required?: string[];
  description?: string;
}

/** JSON Schemas of the documents that people write, by kind: for editors. */
export function resourceSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(documents).map(([kind, schema]) => [
      kind,
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
    ]),
  );
}

/** The same as a page: every field, what it takes, and what it is unless told. */
export function resourcesReference(): string {
  const sections = Object.entries(resourceSchemas()).flatMap(([kind, schema]) => [
    `## ${kind}`,
    '',
    `JSON Schema: [schemas/${kind.toLowerCase()}.json](schemas/${kind.toLowerCase()}.json)`,
    '',
    '| field | values | unless told |',
    '|---|---|---|',
    ...rows(schema as Schema, schema as Schema, ''),
    '',
  ]);
  return ['# Resources', '', 'Made from the schemas in `libs/resources`; not to be edited.', '', ...sections].join(
    '\n',
  );
}

function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const found = root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {};
  return { ...found, ...schema };
}

function rows(given: Schema, root: Schema, path: string): string[] {
  const schema = resolve(given, root);
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const field = path === '' ? key : `${path}.${key}`;
    const value = resolve(member, root);
    const own = row(field, value, root, schema.required?.includes(key) === true);
    return value.properties === undefined ? [own] : [own, ...rows(value, root, field)];
  });
}

function row(field: string, schema: Schema, root: Schema, isRequired: boolean): string {
  const what = schema.description === undefined ? '' : `<br>${schema.description}`;
  const otherwise =
    schema.default === undefined ? (isRequired ? '*required*' : '') : `\`${JSON.stringify(schema.default)}\``;
  return `| \`${field}\`${what} | ${values(schema, root)} | ${otherwise} |`.replaceAll('\n', ' ');
}

function values(given: Schema, root: Schema): string {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf !== undefined) {
    return schema.anyOf
      .map((each) => {
        const keys = Object.keys(resolve(each, root).properties ?? {});
        return keys.length > 0 ? `{ ${keys.join(', ')} }` : values(each, root);
      })
      .join(' or ');
  }
  if (schema.type === 'array') return `a list of ${schema.items === undefined ? 'values' : values(schema.items, root)}`;
  if (schema.additionalProperties !== undefined && typeof schema.additionalProperties === 'object') {
    return `a map of ${values(schema.additionalProperties, root)}`;
  }
  return typeof schema.type === 'string' ? schema.type : 'any';
}
