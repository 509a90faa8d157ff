import { describeObject, objectKey, referenceOf, type KubernetesObject } from '#libs/kubernetes/object';
import { inspectObject } from './inspect';
import type { RenderLimits } from './limits';
import { checkTexts, normaliseMetadata } from './normalise/metadata';
import { checkNames } from './normalise/names';
import { scopeOf, type Scope } from './normalise/scope';
import { normaliseSecret } from './normalise/secret';
import type { Origin, RenderProblem } from './port';

export interface NormaliseInput {
  /** For namespaced objects that name none. */
  namespace: string;
  /** Value of our label on every object. */
  applicationName: string;
  allowSecrets: boolean;
  /** From `declaredScopes` over the whole rendering. */
  scopes: ReadonlyMap<string, Scope>;
  limits: RenderLimits;
}

export interface PlacedObject {
  object: KubernetesObject;
  origin: Origin;
}

export type Normalised = { ok: true; object: KubernetesObject } | { ok: false; problem: RenderProblem };

/** One object as it is applied, whatever else is in the rendering. */
export function normaliseObject({ object, origin }: PlacedObject, input: NormaliseInput): Normalised {
  const problem = inspectObject(object, input.limits) ?? checkNames(object) ?? checkTexts(object);
  if (problem) return { ok: false, problem: { ...origin, ...problem } };
  const { status: _status, ...desired } = object;
  const secret = normaliseSecret(desired, input.allowSecrets);
  if (!secret.ok) return { ok: false, problem: { ...origin, ...secret.problem } };
  const metadata = normaliseMetadata(object, {
    scope: scopeOf(object, input.scopes),
    namespace: input.namespace,
    application: input.applicationName,
  });
  return { ok: true, object: { ...secret.object, metadata } };
}

/** One rendering says each object once: which of two would win is nobody's guess. The version is no part of identity. */
export function findDuplicates(objects: readonly PlacedObject[]): RenderProblem[] {
  const seen = new Map<string, Origin>();
  const problems: RenderProblem[] = [];
  for (const { object, origin } of objects) {
    const reference = referenceOf(object);
    const key = objectKey(reference);
    const earlier = seen.get(key);
    if (earlier) {
      const message = `${describeObject(reference)} stands in ${describeOrigin(earlier)} already`;
      problems.push({ ...origin, message, remedy: 'keep one of them' });
    } else seen.set(key, origin);
  }
  return problems;
}

function describeOrigin(origin: Origin): string {
  const file = origin.file ?? 'this rendering';
  return origin.line === undefined ? file : `${file}:${origin.line}`;
}
