import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KubernetesObject } from '#libs/kubernetes/object';
import type { MemoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { type SimulationBehaviour, simulatedKubernetes } from '#src/simulate/kubernetes';

const saveAfterMs = 100;
const behaviour: SimulationBehaviour = {
  readyAfterMs: [1_000, 4_000],
  latencyMs: [2, 12],
  // Whoever breaks an image to see what happens should not have to wait for it.
  deadlineMs: 10_000,
};

export interface SavedCluster {
  kubernetes: MemoryKubernetes;
  close(): Promise<void>;
}

/** Whether the cluster in this file goes on from an earlier run, with the identity of its agent. */
export function hasSavedAgent(file: string): boolean {
  const objects = read(file) ?? [];
  return objects.some(({ kind, metadata }) => kind === 'Secret' && metadata.namespace === 'flotilla-system');
}

/** A simulated cluster that is kept in a file, so that a second start finds it as it was. */
export function openSavedCluster(file: string): SavedCluster {
  const restore = read(file);
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.new`, JSON.stringify(kubernetes.objects()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const kubernetes = simulatedKubernetes(behaviour, {
    ...(restore === undefined ? {} : { restore }),
    changed: () => (timer ??= setTimeout(save, saveAfterMs)),
  });
  return {
    kubernetes,
    close: async () => {
      await kubernetes.close();
      save();
    },
  };
}

function read(file: string): KubernetesObject[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KubernetesObject[];
  } catch {
    // Missing, or cut off by a crash: the hub is asked to let a new cluster take this one's place.
    return undefined;
  }
}
