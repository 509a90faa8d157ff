import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, conditionsOf, numberAt, wordsOf } from './fields';
import { degraded, healthy, progressing, type Health } from './health';

/** What any object may say of itself, before the rules of its kind are asked: an old status, or a standard condition. */
export function standardHealth(object: KubernetesObject): Health | undefined {
  const generation = numberAt(object, 'metadata', 'generation');
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && observed !== generation) {
    const behind = `its status is of generation ${observed}, and it is at generation ${generation}`;
    return progressing('GenerationNotObserved', behind);
  }
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') {
      return progressing(condition.reason || 'Reconciling', wordsOf(condition, 'it is being reconciled'));
    }
    if (condition.type === 'Stalled') {
      return degraded(condition.reason || 'Stalled', wordsOf(condition, 'it makes no progress'));
    }
  }
  return undefined;
}

/**
 * A kind without rules of its own: its condition Ready, or else that it is there. A Ready that is false does not tell
 * whether it will ever be true, so it is progressing.
 */
export function genericHealth(object: KubernetesObject): Health {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return healthy('it is ready', ready.reason || 'Ready');
  if (ready?.status === 'False' || ready?.status === 'Unknown') {
    return progressing(ready.reason || 'NotReady', wordsOf(ready, 'it is not ready'));
  }
  return healthy('it is there');
}
