import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, numberAt, valueAt, wordsOf, type Condition } from '../fields';
import { degraded, healthy, progressing, type Health } from '../health';

/** What the controller takes for no deadline at all: then it never sets the condition Progressing. */
const noDeadlineSeconds = 2 ** 31 - 1;

export function deploymentHealth(object: KubernetesObject): Health {
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return degraded(progress.reason, withCause(wordsOf(progress, 'Progress deadline exceeded'), object));
  }
  return replicasHealth(object) ?? conditionsHealth(object, progress);
}

function replicasHealth(object: KubernetesObject): Health | undefined {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const replicas = count('replicas');
  const updated = count('updatedReplicas');
  const waiting = (reason: string, what: string) => progressing(reason, withCause(what, object));

  if (wanted > replicas) return waiting('TooFewReplicas', `${replicas} of ${wanted} replicas exist`);
  if (wanted > updated) return waiting('TooFewUpdated', `${updated} of ${wanted} replicas are updated`);
  if (replicas > wanted) return waiting('ExtraReplicas', `${replicas - wanted} old replicas are still to terminate`);
  const available = count('availableReplicas');
  if (updated > available) return waiting('TooFewAvailable', `${available} of ${updated} replicas are available`);
  const ready = count('readyReplicas');
  if (wanted > ready) return waiting('TooFewReady', `${ready} of ${wanted} replicas are ready`);
  return undefined;
}

function conditionsHealth(object: KubernetesObject, progress: Condition | undefined): Health {
  const deadline = numberAt(object, 'spec', 'progressDeadlineSeconds') ?? noDeadlineSeconds;
  const complete = progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable';
  if (deadline !== noDeadlineSeconds && !complete) {
    return progressing(
      'ReplicaSetNotAvailable',
      withCause('the new ReplicaSet is not reported as available yet', object),
    );
  }
  const available = conditionOf(object, 'Available');
  if (available?.status !== 'True') {
    const words =
      available === undefined ? 'it is not reported as available yet' : wordsOf(available, 'it is not available');
    return progressing('DeploymentNotAvailable', words);
  }
  return healthy(`${numberAt(object, 'status', 'replicas') ?? 0} replicas are available`);
}

/** Adds what keeps it from moving: a quota or an admission webhook that refuses Pods, or a pause. */
function withCause(what: string, object: KubernetesObject): string {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return `${what}: ${wordsOf(failure, 'Pods cannot be created')}`;
  if (valueAt(object, 'spec', 'paused') === true) return `${what}: the Deployment is paused (spec.paused)`;
  return what;
}
