export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

export type LabelSelectorResult = { ok: true; matches: LabelMatcher } | { ok: false; error: string };

const requirement =
  /^\s*(?:(!)\s*(\S+)|(\S+?)\s+(in|notin)\s*\(([^()]*)\)|([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)|(\S+))\s*$/;

/** A label selector as the API takes it: `a=b,c!=d,e in (x, y),f notin (z),g,!h`; the empty one matches all. */
export function parseLabelSelector(text: string): LabelSelectorResult {
  const matchers: LabelMatcher[] = [];
  for (const part of splitRequirements(text)) {
    const matcher = parseRequirement(part);
    if (!matcher) return { ok: false, error: `"${part.trim()}" is no requirement of a label selector` };
    matchers.push(matcher);
  }
  return { ok: true, matches: (labels) => matchers.every((matches) => matches(labels)) };
}

function splitRequirements(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/);
}

function parseRequirement(part: string): LabelMatcher | undefined {
  const match = requirement.exec(part);
  if (!match) return undefined;
  const [, , absent, setKey, setOperator, values, equalKey, operator, value, present] = match;
  if (absent !== undefined) return validKey(absent) ? (labels) => labels[absent] === undefined : undefined;
  if (setKey !== undefined) {
    const wanted = new Set((values ?? '').split(',').map((item) => item.trim()));
    if (!validKey(setKey)) return undefined;
    return setOperator === 'in'
      ? (labels) => labels[setKey] !== undefined && wanted.has(labels[setKey])
      : (labels) => labels[setKey] === undefined || !wanted.has(labels[setKey]);
  }
  if (equalKey !== undefined) {
    if (!validKey(equalKey)) return undefined;
    return operator === '!=' ? (labels) => labels[equalKey] !== value : (labels) => labels[equalKey] === value;
  }
  return present !== undefined && validKey(present) ? (labels) => labels[present] !== undefined : undefined;
}

function validKey(key: string): boolean {
  return /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(key);
}
