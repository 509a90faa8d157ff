import { fieldPath, jsonPointer, type Path } from '../field-path';
import { RENDER_LIMITS, type RenderLimits } from '../limits';
import type { RenderedObject, RenderProblem } from '../port';
import { Problems } from '../problems';
import { parseExpression } from './expression';
import type { Plan } from './plan';

export interface TemplateObject extends RenderedObject {
  /** Undefined when no parameter changes the object. */
  plan: Plan | undefined;
}

export interface Template {
  objects: TemplateObject[];
  /** Names of the parameters that the output depends on, without shorthands. */
  uses: ReadonlySet<string>;
  /** Of those, the ones that stand somewhere without a default. */
  required: ReadonlySet<string>;
}

export type TemplateResult = { ok: true; template: Template } | { ok: false; errors: RenderProblem[] };

/** Objects with this annotation are left as they are: shell scripts say `${...}` too. */
export const SUBSTITUTE_ANNOTATION = 'flotilla.dev/substitute';

/** Finds the placeholders once, for `substitute` to fill in for each distinct set of values. */
export function parseTemplate(
  objects: readonly RenderedObject[],
  limits: Pick<RenderLimits, 'problems'> = RENDER_LIMITS,
): TemplateResult {
  const problems = new Problems(limits.problems);
  const uses = new Set<string>();
  const required = new Set<string>();
  const planned = objects.map((object): TemplateObject => {
    const left = object.object.metadata.annotations?.[SUBSTITUTE_ANNOTATION] === 'disabled';
    const refuse = (path: Path, message: string, remedy: string) =>
      problems.add({ ...object.origin, field: fieldPath(path), message, remedy });
    const plan = left ? undefined : planValue(object.object, [], { object, uses, required, refuse });
    return { ...object, plan };
  });
  if (!problems.isEmpty) return { ok: false, errors: problems.list() };
  return { ok: true, template: { objects: planned, uses, required } };
}

interface Planning {
  object: RenderedObject;
  uses: Set<string>;
  required: Set<string>;
  refuse(path: Path, message: string, remedy: string): void;
}

function planValue(value: unknown, path: Path, planning: Planning): Plan | undefined {
  if (typeof value === 'string') return value.includes('${') ? planScalar(value, path, planning) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const children = new Map<string | number, Plan>();
  const entries: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, child] of entries) {
    const plan = planValue(child, [...path, key], planning);
    if (plan) children.set(key, plan);
  }
  return children.size === 0 ? undefined : { type: 'container', children };
}

function planScalar(text: string, path: Path, planning: Planning): Plan | undefined {
  const field = fieldPath(path);
  if (field === 'apiVersion' || field === 'kind') {
    planning.refuse(path, 'a parameter stands in what the object is', 'write the apiVersion and kind out');
    return undefined;
  }
  const expression = parseExpression(text);
  if (!expression.ok) {
    planning.refuse(path, expression.message, expression.remedy);
    return undefined;
  }
  for (const part of expression.parts) {
    if (typeof part === 'string') continue;
    planning.uses.add(part.name);
    if (part.default === undefined) planning.required.add(part.name);
  }
  const bare = planning.object.barePlaceholders.has(jsonPointer(path));
  return { type: 'scalar', parts: expression.parts, bare, field };
}
