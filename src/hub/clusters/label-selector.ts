import { labelKeySchema, labelValueSchema, type LabelExpression } from '#libs/placement/selector';

const maxRequirements = 50;
const help = 'a selector looks like `tier=web,zone in (a,b),env!=dev,canary,!legacy`';

export type ParsedSelector = { ok: true; expressions: LabelExpression[] } | { ok: false; message: string };

/** A label selector as `kubectl -l` takes it; all requirements must hold. */
export function parseLabelSelector(text: string): ParsedSelector {
  const parts = splitOutsideParentheses(text).map((part) => part.trim());
  if (parts.length > maxRequirements) return { ok: false, message: `at most ${maxRequirements} requirements` };
  const expressions: LabelExpression[] = [];
  for (const part of parts) {
    const expression = parseRequirement(part);
    if (expression === undefined) return { ok: false, message: `cannot read "${part}"; ${help}` };
    expressions.push(expression);
  }
  return { ok: true, expressions };
}

function parseRequirement(part: string): LabelExpression | undefined {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set?.[1] !== undefined) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return checked({ key: set[1], operator: set[2] === 'in' ? 'In' : 'NotIn', values });
  }
  const equal = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(part);
  if (equal?.[1] !== undefined) {
    return checked({ key: equal[1], operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3] ?? ''] });
  }
  const exists = /^(!?)\s*([^\s=!]+)$/.exec(part);
  if (exists?.[2] === undefined) return undefined;
  return checked({ key: exists[2], operator: exists[1] === '!' ? 'DoesNotExist' : 'Exists' });
}

function checked(expression: LabelExpression): LabelExpression | undefined {
  const valid =
    labelKeySchema.safeParse(expression.key).success &&
    (expression.values ?? []).every((value) => labelValueSchema.safeParse(value).success);
  return valid ? expression : undefined;
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return text.trim() === '' ? [] : parts;
}
