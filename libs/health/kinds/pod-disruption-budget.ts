import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, numberAt, wordsOf } from '../fields';
import { healthy, type Health } from '../health';

/** As soon as the controller has seen it (its generation), it is in force; that it allows no disruption is no fault. */
export function podDisruptionBudgetHealth(object: KubernetesObject): Health {
  const allowed = conditionOf(object, 'DisruptionAllowed');
  if (allowed?.status === 'False' && allowed.reason === 'SyncFailed') {
    return healthy(`it is in force, but allows nothing: ${wordsOf(allowed, 'it could not be computed')}`);
  }
  return healthy(`it allows ${numberAt(object, 'status', 'disruptionsAllowed') ?? 0} disruptions`);
}
