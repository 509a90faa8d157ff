import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, numberAt, wordsOf } from '../fields';
import { healthy, progressing, type Health } from '../health';

export function replicaSetHealth(object: KubernetesObject): Health {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return progressing('ReplicaFailure', wordsOf(failure, 'Pods cannot be created'));

  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const labelled = count('fullyLabeledReplicas');
  if (wanted > labelled) {
    return progressing('TooFewLabelled', `${labelled} of ${wanted} replicas have the labels of the template`);
  }
  const available = count('availableReplicas');
  if (wanted > available) return progressing('TooFewAvailable', `${available} of ${wanted} replicas are available`);
  const ready = count('readyReplicas');
  if (wanted > ready) return progressing('TooFewReady', `${ready} of ${wanted} replicas are ready`);
  const replicas = count('replicas');
  if (replicas > wanted) {
    return progressing('ExtraReplicas', `${replicas - wanted} replicas are still to terminate`);
  }
  return healthy(`${replicas} replicas are available`);
}
