import type { KubernetesObject } from '#libs/kubernetes/object';
import { deletionHealth } from './deletion';
import { genericHealth, standardHealth } from './generic';
import type { Health } from './health';
import { healthRuleOf } from './registry';

/**
 * How a live object is, as kstatus has it (its Current is `healthy`, InProgress and Terminating are `progressing`, Failed
 * is `degraded`), with the message that matters. Where kstatus has no rule (HorizontalPodAutoscaler, APIService), ours.
 * `nowMs` (since the epoch) gives what has just begun a little patience; without it there is none.
 */
export function assessHealth(object: KubernetesObject, nowMs?: number): Health {
  if (object.metadata.deletionTimestamp) return deletionHealth(object, nowMs);
  return standardHealth(object) ?? (healthRuleOf(object) ?? genericHealth)(object, nowMs);
}
