import { z } from 'zod';

/** Label selectors as Kubernetes has them: all requirements must hold. */
export const labelKeySchema = z
  .string()
  .max(317)
  .regex(
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    'a label key such as `tier` or `example.com/tier`',
  );
export const labelValueSchema = z
  .string()
  .regex(
    /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    'a label value: at most 63 letters, digits, `-`, `_`, `.`',
  );
export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels');

export const labelExpressionSchema = z
  .strictObject({
    key: labelKeySchema,
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z.array(labelValueSchema).max(100).optional(),
  })
  .refine(
    ({ operator, values }) =>
      (operator === 'In' || operator === 'NotIn') === (values !== undefined && values.length > 0),
    { path: ['values'], message: '`In` and `NotIn` need values; `Exists` and `DoesNotExist` take none' },
  );
export type LabelExpression = z.infer<typeof labelExpressionSchema>;

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelExpression[];
}

export type Labels = Readonly<Record<string, string>>;

/** The first requirement that the labels do not meet, in words; undefined when all are met. */
export function unmetRequirement(selector: LabelSelector, labels: Labels): string | undefined {
  for (const [key, wanted] of Object.entries(selector.matchLabels ?? {})) {
    if (labels[key] !== wanted) return `label ${key} ${has(labels, key)}, not ${JSON.stringify(wanted)}`;
  }
  for (const expression of selector.matchExpressions ?? []) {
    if (!meets(expression, labels))
      return `label ${expression.key} ${has(labels, expression.key)}, which does not meet ${inWords(expression)}`;
  }
  return undefined;
}

function has(labels: Labels, key: string): string {
  const value = labels[key];
  return value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`;
}

function meets({ key, operator, values = [] }: LabelExpression, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

export function inWords({ key, operator, values = [] }: LabelExpression): string {
  return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(', ')})`;
}
