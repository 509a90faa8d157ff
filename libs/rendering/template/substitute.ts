import type { KubernetesObject } from '#libs/kubernetes/object';
import { RENDER_LIMITS, type RenderLimits } from '../limits';
import type { ParameterValue, RenderProblem } from '../port';
import { Problems } from '../problems';
import type { Part } from './expression';
import { applyPlan, type Plan } from './plan';
import type { Template, TemplateObject } from './template';

/** By name without shorthands; a parameter that has no value is absent. */
export type ParameterValues = ReadonlyMap<string, ParameterValue>;

export type ObjectSubstitution = { ok: true; object: KubernetesObject } | { ok: false; errors: RenderProblem[] };
export type Substitution = { ok: true; objects: KubernetesObject[] } | { ok: false; errors: RenderProblem[] };

/** Fills in every object of a template, in its order. `known` names what exists, for errors. */
export function substitute(
  template: Template,
  values: ParameterValues,
  known: readonly string[] = [...values.keys()],
  limits: Pick<RenderLimits, 'problems' | 'objectBytes'> = RENDER_LIMITS,
): Substitution {
  const problems = new Problems(limits.problems);
  const objects = template.objects.map((object) => {
    const result = substituteObject(object, values, known, limits);
    if (!result.ok) problems.add(...result.errors);
    return result.ok ? result.object : object.object;
  });
  return problems.isEmpty ? { ok: true, objects } : { ok: false, errors: problems.list() };
}

/**
 * Values go in as values, after parsing: none can add a key or an object. Only where a placeholder is the whole scalar and
 * stands without quotes does a number or boolean keep its type.
 */
export function substituteObject(
  template: TemplateObject,
  values: ParameterValues,
  known: readonly string[],
  limits: Pick<RenderLimits, 'objectBytes'> = RENDER_LIMITS,
): ObjectSubstitution {
  if (template.plan === undefined) return { ok: true, object: template.object };
  const errors: RenderProblem[] = [];
  // A long value in many places: stop before it is in memory, not after.
  let left = limits.objectBytes;
  const textOf = (part: Part, field: string): string => {
    if (typeof part === 'string') return part;
    const value = values.get(part.name) ?? part.default;
    if (value === undefined) errors.push({ ...template.origin, field, ...missing(part.name, known) });
    const text = String(value ?? '');
    left -= text.length;
    return left < 0 ? '' : text;
  };
  const fill = ({ bare, parts, field }: Extract<Plan, { type: 'scalar' }>): unknown => {
    const [only] = parts;
    if (bare && parts.length === 1 && typeof only === 'object') {
      const value = values.get(only.name);
      if (value !== undefined && typeof value !== 'string') return value;
    }
    return parts.map((part) => textOf(part, field)).join('');
  };
  const object = applyPlan(template.object, template.plan, fill) as KubernetesObject;
  if (left < 0) {
    const message = `with its parameters the object has more than ${limits.objectBytes} bytes`;
    errors.push({ ...template.origin, message, remedy: 'split it, or shorten the values' });
  }
  return errors.length === 0 ? { ok: true, object } : { ok: false, errors };
}

function missing(name: string, known: readonly string[]): { message: string; remedy: string } {
  return {
    message: `the parameter ${name} has no value here; there are ${known.join(', ') || 'none'}`,
    remedy: `declare it, give it a default as in \${${name}:-...}, or write $\${ for a literal \${`,
  };
}
