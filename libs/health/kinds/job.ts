import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionsOf, numberAt, textAt, valueAt, wordsOf } from '../fields';
import { degraded, healthy, progressing, type Health } from '../health';

export function jobHealth(object: KubernetesObject): Health {
  const count = (name: string) => numberAt(object, 'status', name) ?? 0;
  const parallelism = numberAt(object, 'spec', 'parallelism') ?? 1;
  const completions = numberAt(object, 'spec', 'completions') ?? parallelism;

  // The first that holds, in the order of the status, as kstatus reads them.
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    switch (condition.type) {
      case 'Complete':
        return healthy(`it has completed: ${count('succeeded')} of ${completions}`, 'Complete');
      case 'Failed':
        return degraded(condition.reason || 'JobFailed', wordsOf(condition, 'it has failed'));
      case 'Suspended':
        if (valueAt(object, 'spec', 'suspend') === true) return healthy('it is suspended (spec.suspend)', 'Suspended');
    }
  }
  if (textAt(object, 'status', 'startTime') === undefined)
    return progressing('JobNotStarted', 'it has not started yet');
  // As kstatus has it: a Job that has started is as it should be, however long it runs.
  const counts = `${count('succeeded')} succeeded, ${count('active')} active, ${count('failed')} failed`;
  return healthy(`it is running: ${counts}`, 'Running');
}
