import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, textAt, wordsOf } from '../fields';
import { degraded, healthy, progressing, unknown, type Health } from '../health';
import { containerTroubles, describeTroubles, failuresOf } from './pod-containers';

/** A Pod may be unschedulable for so long before it counts: most wait a moment for a node or a volume. */
const scheduleWindowMs = 15_000;

export function podHealth(object: KubernetesObject, nowMs?: number): Health {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case undefined:
      return progressing('PodNotObserved', 'it has no phase yet');
    case 'Succeeded':
      return healthy('it has completed', 'Succeeded');
    case 'Failed':
      // As kstatus has it: what has ended will not change. What it was run for (a Job, say) tells whether that is bad.
      return healthy(`it has ended, but not successfully${failuresOf(object)}`, 'Failed');
    case 'Running':
      return runningHealth(object);
    case 'Pending':
      return pendingHealth(object, nowMs);
    default:
      return unknown('UnknownPhase', `its phase is ${phase}: the node that it runs on may be lost`);
  }
}

function runningHealth(object: KubernetesObject): Health {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return healthy('it is ready');
  const troubles = containerTroubles(object);
  const looping = troubles.filter((trouble) => !trouble.init && trouble.reason === 'CrashLoopBackOff');
  if (looping.length > 0) return degraded('CrashLoopBackOff', describeTroubles(looping));
  if (troubles.length > 0) return progressing(troubles[0]!.reason, describeTroubles(troubles));
  return progressing('PodNotReady', `it runs, but is not ready${ready?.message ? `: ${ready.message}` : ''}`);
}

function pendingHealth(object: KubernetesObject, nowMs: number | undefined): Health {
  const scheduled = conditionOf(object, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const created = Date.parse(object.metadata.creationTimestamp ?? '');
    const fresh = nowMs !== undefined && nowMs - created < scheduleWindowMs;
    const words = `no node takes it: ${wordsOf(scheduled, 'it cannot be scheduled')}`;
    return fresh ? progressing('NotScheduled', words) : degraded('Unschedulable', words);
  }
  const troubles = containerTroubles(object);
  if (troubles.length > 0) return progressing(troubles[0]!.reason, describeTroubles(troubles));
  if (scheduled?.status === 'False')
    return progressing(scheduled.reason || 'NotScheduled', wordsOf(scheduled, 'it waits for a node'));
  return progressing('PodPending', 'its containers are being started');
}
