import type { KubernetesObject } from '#libs/kubernetes/object';
import { numberAt, textAt } from '../fields';
import { healthy, progressing, type Health } from '../health';

export function daemonSetHealth(object: KubernetesObject): Health {
  // Its counts are zero both before the controller has looked and where no node matches: only the generation tells.
  if (numberAt(object, 'metadata', 'generation') === undefined) {
    return progressing('NoGeneration', 'it has no metadata.generation yet');
  }
  if (numberAt(object, 'status', 'observedGeneration') === undefined) {
    return progressing('NoObservedGeneration', 'the controller has not looked at it yet');
  }
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled');
  if (wanted === undefined) {
    return progressing('NoDesiredNumber', 'the controller has not said on how many nodes it should run');
  }
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const of = (number: number, what: string) => `${number} of ${wanted} Pods are ${what}`;

  const current = count('currentNumberScheduled');
  if (wanted > current) return progressing('TooFewCurrent', of(current, 'scheduled'));
  const updated = count('updatedNumberScheduled');
  if (wanted > updated) {
    const onDelete = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
    const hint = onDelete ? ': the others are updated when someone deletes them (OnDelete)' : '';
    return progressing('TooFewUpdated', of(updated, 'updated') + hint);
  }
  const available = count('numberAvailable');
  if (wanted > available) return progressing('TooFewAvailable', of(available, 'available'));
  const ready = count('numberReady');
  if (wanted > ready) return progressing('TooFewReady', of(ready, 'ready'));
  return healthy(`${wanted} Pods are ready`);
}
