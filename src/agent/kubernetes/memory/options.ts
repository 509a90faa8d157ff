import type { KubernetesObject } from '#libs/kubernetes/object';
import type { Clock } from './clock';
import type { ControllerOptions } from './controllers';
import type { Operation } from './faults';

export interface MemoryKubernetesOptions {
  /** As the server says it; `v1.36.3` unless told. */
  serverVersion?: string;
  clock?: Clock;
  /** Random UUIDs unless told. */
  newUid?: () => string;
  /** How long each request takes; nothing unless told. */
  latencyMs?: (operation: Operation) => number;
  /** Simulated controllers; none unless told, so that nothing changes by itself. */
  controllers?: Partial<ControllerOptions> | true;
  /** How long a CustomResourceDefinition takes until its kind is served; at once unless told. */
  establishAfterMs?: number;
  /** Says why a request is forbidden, in the role of RBAC; undefined allows it. */
  authorize?: (operation: Operation) => string | undefined;
  /** Objects that an earlier one had (`objects()`), to go on where it ended. */
  restore?: readonly KubernetesObject[];
  /** Called after each change of an object. */
  changed?: () => void;
  /** Largest body of a write; 3 MiB unless told, as on a real server. */
  maxBodySizeBytes?: number;
}
