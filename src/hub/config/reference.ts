import { z } from 'zod';
import { hubConfigSchema } from './schema';
import { type ConfigVariable, configVariables } from './variables';

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  oneOf?: Schema[];
  anyOf?: Schema[];
  description?: string;
}

/** The reference of the hub's configuration in Markdown, from the schema that validates it. */
export function configurationReference(): string {
  const schema = z.toJSONSchema(hubConfigSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const rows = configVariables.map((variable) => row(variable, leaf(schema, variable.path)));
  return [
    '# Configuration of the hub',
    '',
    'Made from the schema in `src/hub/config/schema.ts`; not to be edited.',
    '',
    'Settings come from the file that `FLOTILLA_CONFIG` names (YAML or JSON, nested as the dots say) and from variables, which win.',
    'Lists are separated by commas. A secret may also be given as a file: the variable with `_FILE` behind its name.',
    '',
    '| setting | variable | values | unless told |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function row({ path, name, secret, description }: ConfigVariable, schema: Schema | undefined): string {
  const what = [description, secret ? 'secret' : undefined].filter((part) => part !== undefined).join('; ');
  const setting = `\`${path.join('.')}\`${what === '' ? '' : `<br>${what}`}`;
  const otherwise = schema?.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  return `| ${setting} | \`${name}\` | ${schema === undefined ? '' : values(schema)} | ${otherwise} |`.replaceAll(
    '\n',
    ' ',
  );
}

/** Where a setting stands in several alternatives, what all of them allow. */
function leaf(schema: Schema, path: readonly string[]): Schema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const found = [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(
    ({ properties }) => properties?.[key] ?? [],
  );
  const constants = found.flatMap((each) => (each.const === undefined ? [] : [each.const]));
  if (constants.length > 1)
    return { enum: constants, default: (schema.default as Record<string, unknown> | undefined)?.[key] };
  return found[0] === undefined ? undefined : leaf(found[0], rest);
}

function values(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.minimum !== undefined && schema.maximum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return 'a list';
  return typeof schema.type === 'string' ? schema.type : 'text';
}
