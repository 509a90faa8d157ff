import type { Part } from './expression';

/** Where in a value placeholders stand. What is not in it is shared with the template, never copied. */
export type Plan =
  | { type: 'scalar'; parts: Part[]; bare: boolean; field: string }
  | { type: 'container'; children: Map<string | number, Plan> };

export type Fill = (scalar: Extract<Plan, { type: 'scalar' }>) => unknown;

/** The value with each planned scalar replaced by what `fill` gives; maps and lists keep their keys and lengths. */
export function applyPlan(value: unknown, plan: Plan, fill: Fill): unknown {
  if (plan.type === 'scalar') return fill(plan);
  if (Array.isArray(value)) {
    const list: unknown[] = value;
    return list.map((item, index) => applyChild(item, plan.children.get(index), fill));
  }
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([key, item]) => [key, applyChild(item, plan.children.get(key), fill)]));
}

function applyChild(value: unknown, plan: Plan | undefined, fill: Fill): unknown {
  return plan === undefined ? value : applyPlan(value, plan, fill);
}
