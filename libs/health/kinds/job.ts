import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionOf, numberAt, textAt, valueAt, wordsOf } from '../fields';
import { degraded, healthy, progressing, type Health } from '../health';

export function jobHealth(object: KubernetesObject): Health {
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const parallelism = numberAt(object, 'spec', 'parallelism') ?? 1;
  const completions = numberAt(object, 'spec', 'completions') ?? parallelism;

  if (conditionOf(object, 'Complete')?.status === 'True') {
    return healthy(`it has completed: ${count('succeeded')} of ${completions}`, 'Complete');
  }
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(failed.reason || 'JobFailed', wordsOf(failed, 'it has failed'));
  if (conditionOf(object, 'Suspended')?.status === 'True' && valueAt(object, 'spec', 'suspend') === true) {
    return healthy('it is suspended (spec.suspend)', 'Suspended');
  }
  if (textAt(object, 'status', 'startTime') === undefined)
    return progressing('JobNotStarted', 'it has not started yet');
  // As kstatus has it: a Job that has started is as it should be, however long it runs.
  const counts = `${count('succeeded')} succeeded, ${count('active')} active, ${count('failed')} failed`;
  return healthy(`it is running: ${counts}`, 'Running');
}
