import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, numberAt, wordsOf } from '../fields';
import { degraded, healthy, type Health } from '../health';

/** kstatus has no rule for it. It works unless it says that it cannot: for want of its target, or of metrics. */
export function horizontalPodAutoscalerHealth(object: KubernetesObject): Health {
  const able = conditionOf(object, 'AbleToScale');
  if (able?.status === 'False')
    return degraded(able.reason || 'UnableToScale', wordsOf(able, 'it cannot scale its target'));

  const active = conditionOf(object, 'ScalingActive');
  if (active?.status === 'False') {
    // Somebody has set its target to no replicas: it rests, as it should.
    if (active.reason === 'ScalingDisabled') return healthy('its target has no replicas', active.reason);
    return degraded(active.reason || 'ScalingInactive', wordsOf(active, 'it has no metrics to scale by'));
  }
  const replicas = numberAt(object, 'status', 'currentReplicas');
  if (replicas === undefined) return healthy('it is there');
  const limited = conditionOf(object, 'ScalingLimited');
  const limit = limited?.status === 'True' ? `: ${wordsOf(limited, 'it is at its limit')}` : '';
  return healthy(`it keeps ${replicas} replicas${limit}`);
}
