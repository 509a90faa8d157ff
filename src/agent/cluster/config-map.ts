import type { KubernetesObject } from '#libs/kubernetes/object';
import { type KubernetesApi, KubernetesError } from '../kubernetes/port';
import { agentNamespace, ownFieldManager, ownLabels } from '../names';

export type ConfigData = Record<string, string>;

/** More lost races than this in a row mean that two agents fight. */
const maxAttempts = 20;

export function configMapReference(name: string) {
  return { group: '', version: 'v1', kind: 'ConfigMap', namespace: agentNamespace, name };
}

export function configDataOf(object: KubernetesObject | undefined): ConfigData {
  return { ...(object?.data as ConfigData | undefined) };
}

/**
 * Changes one of the agent's ConfigMaps by compare-and-swap, and creates it where it is missing.
 * `change` gets the present data and gives the new; the same object means that there is nothing to write. It may be asked again.
 */
export async function swapConfigMap(
  kubernetes: KubernetesApi,
  name: string,
  change: (data: ConfigData) => ConfigData,
  labels: Record<string, string> = {},
): Promise<ConfigData> {
  const options = { fieldManager: ownFieldManager };
  for (let attempt = 1; ; attempt += 1) {
    const present = await kubernetes.get(configMapReference(name));
    const before = configDataOf(present);
    const after = change(before);
    if (present !== undefined && after === before) return after;
    try {
      if (present === undefined) await kubernetes.create(configMap(name, after, labels), options);
      else await kubernetes.replace({ ...present, data: after }, options);
      return after;
    } catch (error) {
      const lostRace =
        error instanceof KubernetesError &&
        (error.errorClass === 'conflict' || error.errorClass === 'alreadyExists' || isGone(error, present));
      if (!lostRace || attempt >= maxAttempts) throw error;
    }
  }
}

/** Deleted between our read and our write. */
function isGone(error: KubernetesError, present: KubernetesObject | undefined): boolean {
  return present !== undefined && error.errorClass === 'notFound';
}

function configMap(name: string, data: ConfigData, labels: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: agentNamespace, labels: { ...ownLabels, ...labels } },
    data,
  };
}
