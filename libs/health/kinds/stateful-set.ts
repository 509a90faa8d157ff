import type { KubernetesObject } from '#libs/kubernetes/object';
import { numberAt, textAt } from '../fields';
import { healthy, progressing, type Health } from '../health';

export function statefulSetHealth(object: KubernetesObject): Health {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy('its Pods are updated when someone deletes them (OnDelete)', 'OnDelete');
  }
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const replicas = count('replicas');

  if (wanted > replicas) return progressing('TooFewReplicas', `${replicas} of ${wanted} replicas exist`);
  const ready = count('readyReplicas');
  if (wanted > ready) return progressing('TooFewReady', `${ready} of ${wanted} replicas are ready`);
  if (replicas > wanted) {
    return progressing('ExtraReplicas', `${replicas - wanted} replicas are still to terminate`);
  }
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (partition !== undefined) return partitionHealth(count('updatedReplicas'), wanted - partition, partition);
  return revisionHealth(object, count('currentReplicas'), wanted);
}

/** Replicas below the partition keep the old revision, and are not waited for. */
function partitionHealth(updated: number, wanted: number, partition: number): Health {
  if (updated < wanted) return progressing('PartitionRollout', `${updated} of ${wanted} replicas are updated`);
  const part = partition > 0 ? `, as the partition ${partition} says` : '';
  return healthy(`${updated} replicas are updated${part}`);
}

function revisionHealth(object: KubernetesObject, current: number, wanted: number): Health {
  if (wanted > current) {
    return progressing('TooFewCurrent', `${current} of ${wanted} replicas have the current revision`);
  }
  const [from, to] = [textAt(object, 'status', 'currentRevision'), textAt(object, 'status', 'updateRevision')];
  if (from !== to)
    return progressing('RevisionMismatch', `it moves from revision ${from ?? 'none'} to ${to ?? 'none'}`);
  return healthy(`${numberAt(object, 'status', 'replicas') ?? 0} replicas are ready`);
}
