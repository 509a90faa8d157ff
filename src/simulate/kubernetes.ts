import type { KubernetesObject } from '#libs/kubernetes/object';
import { type MemoryKubernetes, memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';

export interface SimulationBehaviour {
  /** How long workloads take until they are ready, at least and at most. */
  readyAfterMs: [number, number];
  /** How long each request takes, at least and at most. */
  latencyMs: [number, number];
  /** Images that match never become ready. */
  badImage?: RegExp;
  /** When an object that does not become ready is given up; a minute unless told. */
  deadlineMs?: number;
}

export interface SimulationMemory {
  /** What an earlier one left. */
  restore?: readonly KubernetesObject[];
  changed?: () => void;
}

/** A cluster with simulated controllers: what is applied becomes ready after a while. */
export function simulatedKubernetes(
  { readyAfterMs, latencyMs, badImage, deadlineMs }: SimulationBehaviour,
  { restore, changed }: SimulationMemory = {},
): MemoryKubernetes {
  return memoryKubernetes({
    controllers: {
      readyAfterMs: () => within(readyAfterMs),
      ...(badImage === undefined ? {} : { badImage }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    },
    ...(latencyMs[1] === 0 ? {} : { latencyMs: () => within(latencyMs) }),
    ...(restore === undefined ? {} : { restore }),
    ...(changed === undefined ? {} : { changed }),
  });
}

function within([least, most]: [number, number]): number {
  return least + (most - least) * Math.random();
}
