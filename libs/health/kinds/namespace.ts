import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionsOf, enumerate, textAt, wordsOf } from '../fields';
import { healthy, progressing, type Health } from '../health';

export function namespaceHealth(object: KubernetesObject): Health {
  if (textAt(object, 'status', 'phase') !== 'Terminating') return healthy('it is active');
  return progressing('Terminating', `it is being deleted${remainsOf(object)}`);
}

/** What is left in a namespace that is being deleted, in the namespace controller's words. */
export function remainsOf(object: KubernetesObject): string {
  const reasons = conditionsOf(object).filter((condition) => condition.status === 'True');
  return reasons.length === 0 ? '' : `: ${enumerate(reasons.map((condition) => wordsOf(condition, condition.type)))}`;
}
