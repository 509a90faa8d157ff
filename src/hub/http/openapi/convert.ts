import { z } from 'zod';

type Json = Record<string, unknown>;

interface Converted {
  schema: unknown;
  components: Record<string, unknown>;
}

/**
 * A zod schema for OpenAPI 3.1: what has an id becomes a component. Where a schema means one thing in a request (defaults
 * may be left out) and another in an answer, the request's is named `<id>Input`.
 */
export function convertSchema(
  schema: unknown,
  { schemaType }: { schemaType: 'input' | 'output' },
): Converted | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const output = parts(schema, 'output');
  if (schemaType === 'output') return output;
  const input = parts(schema, 'input');
  const differing = Object.keys(input.components).filter(
    (name) => JSON.stringify(input.components[name]) !== JSON.stringify(output.components[name]),
  );
  const affected = withReferrers(input.components, new Set(differing));
  const rename = (value: unknown) => renamed(value, affected);
  return {
    schema: rename(input.schema),
    components: Object.fromEntries(
      Object.entries(input.components).map(([name, component]) => [
        affected.has(name) ? `${name}Input` : name,
        rename(component),
      ]),
    ),
  };
}

function parts(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const {
    $defs = {},
    $schema: _,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The format says it; the pattern of a date is 300 characters long.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'uuid') delete jsonSchema.pattern;
      // Answers may gain members: callers must not count on there being no others.
      const { type, catchall } = zodSchema._zod.def as { type: string; catchall?: unknown };
      if (io === 'output' && type === 'object' && catchall === undefined) delete jsonSchema.additionalProperties;
    },
  }) as Json & { $defs?: Record<string, unknown> };
  const components = Object.fromEntries(Object.entries($defs).map(([name, each]) => [name, cleaned(each)]));
  const id = schema.meta()?.id;
  if (id === undefined) return { schema: cleaned(rest), components };
  if (id in components) return { schema: { $ref: `#/components/schemas/${id}` }, components };
  return { schema: { $ref: `#/components/schemas/${id}` }, components: { ...components, [id]: cleaned(rest) } };
}

/** Also those that refer to one of them. */
function withReferrers(components: Record<string, unknown>, names: Set<string>): Set<string> {
  const found = new Set(names);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [name, component] of Object.entries(components)) {
      const text = JSON.stringify(component);
      if ([...found].some((other) => text.includes(`"#/components/schemas/${other}"`))) found.add(name);
    }
  }
  return found;
}

function renamed(value: unknown, names: Set<string>): unknown {
  return mapRefs(value, (name) => (names.has(name) ? `${name}Input` : name));
}

function cleaned(value: unknown): unknown {
  return mapRefs(value, (name) => name);
}

function mapRefs(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapRefs(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => !(key === 'id' && typeof member === 'string'))
      .map(([key, member]) =>
        key === '$ref' && typeof member === 'string'
          ? [key, `#/components/schemas/${rename(member.replace(/^#\/(\$defs|components\/schemas)\//, ''))}`]
          : [key, mapRefs(member, rename)],
      ),
  );
}
