import type { z } from 'zod';
import { suggestion } from '#libs/text/suggestion';

type AnySchema = z.core.$ZodType;
type Definition = { type: string } & Record<string, unknown>;

/** One thing that is wrong with a value. */
export interface Issue {
  path: readonly PropertyKey[];
  message: string;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; issues: Issue[] };

const maxIssues = 50;

/** Checks a value and says everything that is wrong with it; unknown fields by name, with what was probably meant. */
export function check<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.flatMap((issue) => issuesOf(schema, issue, []));
  return { ok: false, issues: issues.slice(0, maxIssues) };
}

/** `spec.regions[2]`, or the root's name for the value itself. */
export function fieldPath(path: readonly PropertyKey[], root: string): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text === '' ? root : text;
}

function issuesOf(schema: AnySchema, issue: z.core.$ZodIssue, above: PropertyKey[]): Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = membersAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: ['there is no such field', suggestion(key, known)].filter((text) => text !== '').join('; '),
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that comes closest is the one that was meant.
    const closest = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
    if (depth(closest) > 0) return closest.flatMap((inner) => issuesOf(schema, inner, path));
  }
  return [{ path, message: wording(issue) }];
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
