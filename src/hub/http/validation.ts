import type { z } from 'zod';
import { suggestion } from '#libs/text/suggestion';
import type { FieldError } from './problem';

const maxErrors = 50;

type AnySchema = z.core.$ZodType;
type Definition = { type: string } & Record<string, unknown>;

export type Validated<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

/** Checks a value and says every field that is wrong; unknown fields by name, with what was probably meant. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, root = 'body'): Validated<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors = parsed.error.issues.flatMap((issue) => fieldErrors(schema, issue, [], root));
  return { ok: false, errors: errors.slice(0, maxErrors) };
}

/** `spec.regions[2]`, or the root's name for the value itself. */
export function fieldPath(path: readonly PropertyKey[], root = 'body'): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text === '' ? root : text;
}

function fieldErrors(schema: AnySchema, issue: z.core.$ZodIssue, above: PropertyKey[], root: string): FieldError[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = membersAt(schema, path);
    return issue.keys.map((key) => ({
      field: fieldPath([...path, key], root),
      message: ['there is no such field', suggestion(key, known)].filter((text) => text !== '').join('; '),
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that comes closest is the one that was meant.
    const closest = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
    if (depth(closest) > 0) return closest.flatMap((inner) => fieldErrors(schema, inner, path, root));
  }
  return [{ field: fieldPath(path, root), message: wording(issue) }];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function wording(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) return 'is missing';
  return issue.message.replace(/^Invalid (input|string|option): /, '');
}

/** Names of the members that an object has at this path of a schema; none where it is no object. */
function membersAt(schema: AnySchema, path: readonly PropertyKey[]): string[] {
  let here: AnySchema | undefined = schema;
  for (const part of path) here = here === undefined ? undefined : memberOf(here, part);
  return here === undefined ? [] : Object.keys(shapeOf(here));
}

function memberOf(schema: AnySchema, part: PropertyKey): AnySchema | undefined {
  const definition = bare(schema);
  if (definition.type === 'array') return definition['element'] as AnySchema;
  if (definition.type === 'record') return definition['valueType'] as AnySchema;
  return shapeOf(schema)[String(part)];
}

function shapeOf(schema: AnySchema): Record<string, AnySchema> {
  const definition = bare(schema);
  if (definition.type === 'object') return definition['shape'] as Record<string, AnySchema>;
  if (definition.type === 'union') return Object.assign({}, ...(definition['options'] as AnySchema[]).map(shapeOf));
  return {};
}

/** Without what is wrapped around it: optional, default, pipe … */
function bare(schema: AnySchema): Definition {
  const definition = schema._zod.def as unknown as Definition;
  const inner = (definition['innerType'] ?? definition['in']) as AnySchema | undefined;
  return inner === undefined ? definition : bare(inner);
}
