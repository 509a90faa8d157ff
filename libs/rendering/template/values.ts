import type { RenderLimits } from '../limits';
import type { ParameterValue, RenderProblem } from '../port';
import { coerce, type DeclaredParameter } from './declarations';
import type { Part } from './expression';
import type { ParameterValues } from './substitute';

/** What a target's cluster gives; labels are those set in the hub. */
export interface ClusterValues {
  name: string;
  region: string;
  labels: Readonly<Record<string, string>>;
}

/** The values that one rendering depends on. Equal keys have equal renderings, so targets share them. */
export interface TargetValues {
  key: string;
  values: ParameterValues;
  /** Names of everything that exists for this target, for errors. */
  known: string[];
}

export type ValuesResult = { ok: true; values: TargetValues } | { ok: false; errors: RenderProblem[] };

const labelPrefix = 'cluster.labels.';
const mostNamesInErrors = 40;

/** Looks up what a template uses for a cluster. A name that has no value is left out: the template may have a default. */
export function resolveValues(
  uses: ReadonlySet<string>,
  declared: ReadonlyMap<string, DeclaredParameter>,
  cluster: ClusterValues,
  limits: RenderLimits,
): ValuesResult {
  const values = new Map<string, ParameterValue>();
  const errors: RenderProblem[] = [];
  for (const name of [...uses].sort()) {
    const parameter = declared.get(name);
    const resolved = parameter ? resolveDeclared(name, parameter, cluster, limits) : clusterValue(name, cluster);
    if (typeof resolved === 'object') errors.push(resolved);
    else if (resolved !== undefined) values.set(name, resolved);
  }
  if (errors.length > 0) return { ok: false, errors };
  const names = ['cluster.name', 'cluster.region', ...declared.keys()];
  const labels = Object.keys(cluster.labels).map((label) => `${labelPrefix}${label}`);
  const known = [...names, ...labels].slice(0, mostNamesInErrors);
  return { ok: true, values: { key: JSON.stringify([...values]), values, known } };
}

function clusterValue(name: string, cluster: ClusterValues): string | undefined {
  if (name === 'cluster.name') return cluster.name;
  if (name === 'cluster.region') return cluster.region;
  if (!name.startsWith(labelPrefix)) return undefined;
  const label = name.slice(labelPrefix.length);
  return Object.hasOwn(cluster.labels, label) ? cluster.labels[label] : undefined;
}

function resolveDeclared(
  name: string,
  parameter: DeclaredParameter,
  cluster: ClusterValues,
  limits: RenderLimits,
): ParameterValue | RenderProblem {
  const field = `parameters.${name}`;
  const texts: string[] = [];
  for (const part of parameter.parts) {
    const text = textOf(part, cluster);
    if (text === undefined) {
      const message = `the value names ${typeof part === 'object' ? part.name : ''}, which cluster ${cluster.name} has not`;
      return { field, message, remedy: 'set the label on the cluster, or give a default as in ${...:-default}' };
    }
    texts.push(text);
  }
  const text = texts.join('');
  if (Buffer.byteLength(text) > limits.parameterBytes) {
    return { field, message: `the value has more than ${limits.parameterBytes} bytes`, remedy: 'shorten it' };
  }
  const value = coerce(text, parameter.type);
  if (value !== undefined) return value;
  const message = `for cluster ${cluster.name} the value is no ${parameter.type}`;
  return { field, message, remedy: 'correct the label or the type' };
}

function textOf(part: Part, cluster: ClusterValues): string | undefined {
  return typeof part === 'string' ? part : (clusterValue(part.name, cluster) ?? part.default);
}
