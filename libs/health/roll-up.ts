import { describeObject, type ObjectReference } from '#libs/kubernetes/object';
import { clip, healthStatuses, healthy, type Health } from './health';

export interface ObjectHealth {
  object: Pick<ObjectReference, 'group' | 'kind' | 'namespace' | 'name'>;
  health: Health;
}

/** The health of a target: the worst of its objects', in the words of the first that is so. At most 1,000 characters. */
export function rollUpHealth(list: readonly ObjectHealth[]): Health {
  let worst: ObjectHealth | undefined;
  let alike = 0;
  for (const each of list) {
    const difference = worst === undefined ? 1 : severityOf(each) - severityOf(worst);
    if (difference > 0) [worst, alike] = [each, 0];
    if (difference >= 0) alike += 1;
  }
  if (worst === undefined) return healthy('it has no objects', 'Empty');
  const { status, reason, message } = worst.health;
  if (status === 'healthy')
    return healthy(list.length === 1 ? 'its object is healthy' : `all ${list.length} objects are healthy`);

  const others = alike > 1 ? ` (and ${alike - 1} more ${status})` : '';
  const words = `${describeObject(worst.object)}: ${message}`;
  return { status, reason, message: clip(words, 1_000 - others.length) + others };
}

function severityOf({ health }: ObjectHealth): number {
  return healthStatuses.indexOf(health.status);
}
