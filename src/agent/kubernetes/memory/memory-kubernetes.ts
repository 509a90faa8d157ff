import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import type { KubernetesApi } from '../port';
import type { Faults } from './faults';
import { MemoryApi } from './memory-api';
import type { MemoryKubernetesOptions } from './options';
import { MemoryServer } from './server';

/** An in-memory Kubernetes API with handles for tests and demonstrations; the handles know no latency and no faults. */
export interface MemoryKubernetes extends KubernetesApi {
  readonly faults: Faults;
  /** What is there, past faults and counters. */
  peek(reference: ObjectReference): KubernetesObject | undefined;
  /** Every object of the cluster. */
  objects(): KubernetesObject[];
  /** Writes `/status`, as a controller does. */
  writeStatus(reference: ObjectReference, status: unknown, manager?: string): void;
  /** Changes an object as somebody by hand would: an update in that manager's name. */
  edit(reference: ObjectReference, manager: string, change: (object: KubernetesObject) => void): void;
  /** Deletes as somebody by hand would. */
  remove(reference: ObjectReference): void;
  /** Objects that simulated controllers are still busy with. */
  busy(): number;
}

/** A cluster of its own; schemas and built-in kinds are shared by all in the process, so thousands fit in one. */
export function memoryKubernetes(options: MemoryKubernetesOptions = {}): MemoryKubernetes {
  return new MemoryApi(new MemoryServer(options), options);
}
