import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, wordsOf } from '../fields';
import { healthy, progressing, type Health } from '../health';

/** kstatus has no rule for it. While it is not available, no kind that it serves can be applied. */
export function apiServiceHealth(object: KubernetesObject): Health {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return healthy('it is available');
  if (available === undefined) return progressing('NotObserved', 'nobody has looked whether it is available yet');
  return progressing(available.reason || 'NotAvailable', wordsOf(available, 'it is not available'));
}
