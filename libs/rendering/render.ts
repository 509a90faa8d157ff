import type { KubernetesObject } from '#libs/kubernetes/object';
import { RENDER_LIMITS, type RenderLimits } from './limits';
import { findDuplicates, normaliseObject, type NormaliseInput, type PlacedObject } from './normalise';
import { declaredScopes } from './normalise/scope';
import type { ParameterValue, Renderer, RenderFile, RenderProblem } from './port';
import { Problems } from './problems';
import { declareParameters, type DeclaredParameter, type ParameterDeclaration } from './template/declarations';
import { substituteObject } from './template/substitute';
import { parseTemplate, type Template, type TemplateObject } from './template/template';
import { resolveValues, type ClusterValues, type TargetValues, type ValuesResult } from './template/values';

export interface ApplicationInput {
  files: readonly RenderFile[];
  renderer: Renderer;
  /** For namespaced objects that name none; `default` without it. */
  namespace?: string;
  /** Value of our label on every object: a valid label value. */
  applicationName: string;
  allowEmpty?: boolean;
  allowSecrets?: boolean;
  parameters?: Readonly<Record<string, ParameterDeclaration>>;
  /** Whether `${...}` is filled in. Without it: when there are `parameters`, if only an empty record. */
  substitute?: boolean;
  limits?: RenderLimits;
}

export type RenderFailure = { ok: false; reason: 'invalid' | 'emptyRendering'; errors: RenderProblem[] };
export type TargetRendering = { ok: true; objects: KubernetesObject[] } | RenderFailure;

/** What an application renders to, but for what differs between targets. */
export interface RenderedApplication {
  /** Names of the parameters that the output depends on, such as `cluster.labels.tier`. Empty: all targets are equal. */
  uses: ReadonlySet<string>;
  /** Cheap: what this cluster gives. Targets whose `key` is equal share one `forTarget`. */
  valuesFor(cluster: ClusterValues): ValuesResult;
  /** The objects to apply, in the order they are written in; those that no parameter changes are shared between calls. */
  forTarget(values: TargetValues): TargetRendering;
}

export type ApplicationRendering =
  { ok: true; application: RenderedApplication; warnings: RenderProblem[] } | RenderFailure;

/** Does once what all targets of an application share: rendering, finding parameters, and all checks that need no value. */
export async function renderApplication(input: ApplicationInput): Promise<ApplicationRendering> {
  const limits = input.limits ?? RENDER_LIMITS;
  const declared = declareParameters(input.parameters ?? {}, limits);
  if (!declared.ok) return invalid(declared.errors);
  const rendered = await input.renderer.render({ files: input.files, parameters: plainValues(input.parameters ?? {}) });
  if (!rendered.ok) return invalid(rendered.errors);
  if (rendered.objects.length === 0 && input.allowEmpty !== true) return empty(input);
  if (rendered.objects.length > limits.objects) return invalid([tooMany(limits)]);
  const wanted = input.substitute ?? input.parameters !== undefined;
  const template: Template = {
    objects: rendered.objects.map((object) => ({ ...object, plan: undefined })),
    uses: new Set(),
    required: new Set(),
  };
  if (wanted) {
    const parsed = parseTemplate(rendered.objects, limits);
    if (!parsed.ok) return invalid(parsed.errors);
    Object.assign(template, parsed.template);
  }
  return prepare(input, template, declared.parameters, rendered.warnings);
}

function prepare(
  input: ApplicationInput,
  template: Template,
  declared: ReadonlyMap<string, DeclaredParameter>,
  warnings: RenderProblem[],
): ApplicationRendering {
  const limits = input.limits ?? RENDER_LIMITS;
  const normalising: NormaliseInput = {
    namespace: input.namespace ?? 'default',
    applicationName: input.applicationName,
    allowSecrets: input.allowSecrets ?? false,
    scopes: declaredScopes(template.objects.map(({ object }) => object)),
    limits,
  };
  const problems = new Problems(limits.problems);
  const fixed = new Map<TemplateObject, KubernetesObject>();
  for (const item of template.objects) {
    if (item.plan !== undefined) continue;
    const result = normaliseObject(item, normalising);
    if (result.ok) fixed.set(item, result.object);
    else problems.add(result.problem);
  }
  const settled = [...fixed].map(([{ origin }, object]): PlacedObject => ({ object, origin }));
  problems.add(...findDuplicates(settled), ...undeclared(template, declared));
  if (!problems.isEmpty) return invalid(problems.list());
  const application: RenderedApplication = {
    uses: template.uses,
    valuesFor: (cluster) => resolveValues(template.uses, declared, cluster, limits),
    forTarget: (values) => fill(template, fixed, values, normalising),
  };
  return { ok: true, application, warnings };
}

function fill(
  template: Template,
  fixed: ReadonlyMap<TemplateObject, KubernetesObject>,
  values: TargetValues,
  normalising: NormaliseInput,
): TargetRendering {
  const problems = new Problems(normalising.limits.problems);
  const placed: PlacedObject[] = [];
  for (const item of template.objects) {
    const settled = fixed.get(item);
    if (settled) {
      placed.push({ object: settled, origin: item.origin });
      continue;
    }
    const filled = substituteObject(item, values.values, values.known, normalising.limits);
    if (!filled.ok) {
      problems.add(...filled.errors);
      continue;
    }
    const result = normaliseObject({ object: filled.object, origin: item.origin }, normalising);
    if (result.ok) placed.push({ object: result.object, origin: item.origin });
    else problems.add(result.problem);
  }
  if (problems.isEmpty) problems.add(...findDuplicates(placed));
  if (!problems.isEmpty) return invalid(problems.list());
  return { ok: true, objects: placed.map(({ object }) => object) };
}

/** A name that no cluster can give and nobody declares is wrong for every target. */
function undeclared(template: Template, declared: ReadonlyMap<string, DeclaredParameter>): RenderProblem[] {
  const known = ['cluster.name', 'cluster.region', 'cluster.labels.X', ...declared.keys()];
  const isKnown = (name: string) =>
    declared.has(name) || name === 'cluster.name' || name === 'cluster.region' || name.startsWith('cluster.labels.');
  const unknown = new Set([...template.required].filter((name) => !isKnown(name)));
  if (unknown.size === 0) return [];
  const names = new Map([...template.uses].filter((name) => !unknown.has(name)).map((name) => [name, '']));
  return template.objects.flatMap((item) => {
    const result = substituteObject(item, names, known, { objectBytes: Infinity });
    return result.ok ? [] : result.errors;
  });
}

function plainValues(parameters: Readonly<Record<string, ParameterDeclaration>>): Record<string, ParameterValue> {
  const entries = Object.entries(parameters);
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'object' ? value.value : value]));
}

function invalid(errors: RenderProblem[]): RenderFailure {
  return { ok: false, reason: 'invalid', errors };
}

function empty(input: ApplicationInput): RenderFailure {
  const message = `the application renders to no object (${input.files.length} files at its path)`;
  const remedy = 'check its path, or set allowEmpty if nothing is meant';
  return { ok: false, reason: 'emptyRendering', errors: [{ message, remedy }] };
}

function tooMany(limits: RenderLimits): RenderProblem {
  const remedy = 'split it into several applications';
  return { message: `the application renders to more than ${limits.objects} objects`, remedy };
}
