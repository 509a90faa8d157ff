import type { KubernetesObject } from '#libs/kubernetes/object';
import { conditionsOf, wordsOf } from '../fields';
import { degraded, healthy, progressing, type Health } from '../health';

export function customResourceDefinitionHealth(object: KubernetesObject): Health {
  for (const condition of conditionsOf(object)) {
    const { type, status, reason } = condition;
    if (type === 'NamesAccepted' && status === 'False') {
      return degraded(reason || 'NamesNotAccepted', wordsOf(condition, 'its names are taken'));
    }
    if (type !== 'Established') continue;
    if (status === 'True') return healthy('it is established', 'Established');
    if (status === 'False' && reason !== 'Installing') {
      return degraded(reason || 'NotEstablished', wordsOf(condition, 'it is not established'));
    }
  }
  return progressing('Installing', 'the API server has not established it yet');
}

/** What an apply waits for before it sends objects of the kind. */
export function isEstablished(object: KubernetesObject): boolean {
  return conditionsOf(object).some((condition) => condition.type === 'Established' && condition.status === 'True');
}
