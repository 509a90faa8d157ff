import type { KubernetesObject } from '#libs/kubernetes/object';
import { enumerate } from './fields';
import { degraded, progressing, type Health } from './health';
import { remainsOf } from './kinds/namespace';

/** A finalizer may take so long to be removed before the object counts as held. */
const finalizerPatienceMs = 60_000;

/** Those of the garbage collector, which waits for dependents and needs nobody. */
const collectorFinalizers = new Set(['foregroundDeletion', 'orphan']);

/** Of an object with a deletionTimestamp: on its way, or held by the finalizers of someone who does not come. */
export function deletionHealth(object: KubernetesObject, nowMs?: number): Health {
  const since = object.metadata.deletionTimestamp ?? '';
  const held = (object.metadata.finalizers ?? []).filter((finalizer) => !collectorFinalizers.has(finalizer));
  const isNamespace = object.kind === 'Namespace' && object.apiVersion === 'v1';
  const rest = isNamespace ? remainsOf(object) : '';
  if (held.length === 0) return progressing('Terminating', `being deleted since ${since}${rest}`);

  const finalizers = `${held.length === 1 ? 'the finalizer' : 'the finalizers'} ${enumerate(held)}`;
  const fresh = nowMs !== undefined && nowMs - Date.parse(since) < finalizerPatienceMs;
  if (fresh) return progressing('Terminating', `being deleted since ${since}, waits for ${finalizers}${rest}`);
  return degraded('HeldByFinalizers', `being deleted since ${since}, held by ${finalizers}${rest}`);
}
