import type { KubernetesObject } from '#libs/kubernetes/object';
import { textAt, valueAt } from '../fields';
import { healthy, type Health } from '../health';

/** It only makes Jobs, and these speak for themselves. */
export function cronJobHealth(object: KubernetesObject): Health {
  if (valueAt(object, 'spec', 'suspend') === true) return healthy('it is suspended (spec.suspend)', 'Suspended');
  const last = textAt(object, 'status', 'lastScheduleTime');
  return healthy(last === undefined ? 'it has not been due yet' : `it was last due at ${last}`);
}
