import type { RenderLimits } from '../limits';
import type { ParameterValue, RenderProblem } from '../port';
import { canonicalName, parseExpression, type Part } from './expression';

export type ParameterType = 'string' | 'number' | 'boolean';

/** As an application declares it: the value alone, whose type is the parameter's, or both apart. */
export type ParameterDeclaration = ParameterValue | { type?: ParameterType; value: ParameterValue };

export interface DeclaredParameter {
  type: ParameterType;
  /** Of the value as text; may name `cluster.*`. */
  parts: Part[];
}

export type Declarations =
  { ok: true; parameters: ReadonlyMap<string, DeclaredParameter> } | { ok: false; errors: RenderProblem[] };

const parameterName = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;

/** Checks an application's own parameters. */
export function declareParameters(
  declared: Readonly<Record<string, ParameterDeclaration>>,
  limits: RenderLimits,
): Declarations {
  const parameters = new Map<string, DeclaredParameter>();
  const errors: RenderProblem[] = [];
  const entries = Object.entries(declared);
  if (entries.length > limits.parameters) {
    const message = `there are ${entries.length} parameters, more than ${limits.parameters}`;
    return { ok: false, errors: [{ field: 'parameters', message, remedy: 'declare fewer' }] };
  }
  for (const [name, declaration] of entries) {
    const checked = checkDeclaration(name, declaration, limits);
    if (checked.ok) parameters.set(name, checked.parameter);
    else errors.push({ field: `parameters.${name}`, message: checked.message, remedy: checked.remedy });
  }
  return errors.length === 0 ? { ok: true, parameters } : { ok: false, errors };
}

type Checked = { ok: true; parameter: DeclaredParameter } | { ok: false; message: string; remedy: string };

function checkDeclaration(name: string, declaration: ParameterDeclaration, limits: RenderLimits): Checked {
  const refuse = (message: string, remedy: string): Checked => ({ ok: false, message, remedy });
  if (!parameterName.test(name)) {
    return refuse('the name is not valid', 'use up to 63 letters, digits, `_`, `.` and `-`, a letter or `_` first');
  }
  if (isReserved(name)) return refuse('the name is the cluster’s own', 'use another name');
  const { value, type } =
    typeof declaration === 'object'
      ? { value: declaration.value, type: declaration.type ?? (typeof declaration.value as ParameterType) }
      : { value: declaration, type: typeof declaration as ParameterType };
  const text = String(value);
  if (Buffer.byteLength(text) > limits.parameterBytes) {
    return refuse(`the value has more than ${limits.parameterBytes} bytes`, 'shorten it');
  }
  const expression = parseExpression(text);
  if (!expression.ok) return refuse(expression.message, expression.remedy);
  const other = expression.parts.find((part) => typeof part === 'object' && !part.name.startsWith('cluster.'));
  if (typeof other === 'object') {
    return refuse(`the value names ${other.name}`, 'use cluster.name, cluster.region and cluster.labels.X only');
  }
  const [only = ''] = expression.parts;
  if (typeof only === 'string' && expression.parts.length < 2 && coerce(only, type) === undefined) {
    return refuse(`the value is no ${type}`, 'correct the value or the type');
  }
  return { ok: true, parameter: { type, parts: expression.parts } };
}

function isReserved(name: string): boolean {
  return canonicalName(name) !== name || name.startsWith('cluster.');
}

/** Text as a value of that type; undefined when it is none. */
export function coerce(text: string, type: ParameterType): ParameterValue | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'number': {
      if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text)) return undefined;
      const value = Number(text);
      const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
      return exact ? value + 0 : undefined;
    }
  }
}
