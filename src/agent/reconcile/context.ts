import type { LimitFunction } from 'p-limit';
import type { Digest } from '#libs/protocol/digest';
import type { ObjectNode } from '#libs/protocol/nodes';
import type { Logger } from '#src/log/logger';
import type { InventoryStore } from '../inventory/store';
import type { KubernetesApi } from '../kubernetes/port';
import type { AgentRuntime } from '../runtime';
import type { DesiredTarget } from '../sync/desired';
import type { Permit } from './permit';
import type { Target } from './target';

/** What all work of one agent shares. */
export interface Shared {
  kubernetes: KubernetesApi;
  inventories: InventoryStore;
  /** A node that was applied earlier, as long as it is kept: for which fields were ours. */
  previousNode(digest: Digest): Promise<ObjectNode | undefined>;
  runtime: AgentRuntime;
  logger: Logger;
  /** Bounds the calls of the Kubernetes API that are under way at once. */
  calls: LimitFunction;
  signal: AbortSignal;
}

/** One go at one target, for the desired state as it was when the go began. */
export interface Pass {
  shared: Shared;
  target: Target;
  desired: DesiredTarget;
  /** The desired state of the cluster is whole: what is not in it may be taken for absent. */
  isComplete(): boolean;
  /** In the plan of another target on this cluster, as of now. */
  isClaimedByOther(key: string): boolean;
  /** User to impersonate for whatever is done in the name of the scope. */
  as: string | undefined;
  permit(): Permit;
  /** Aborted when the pass has become pointless, so that it does not sleep through what is newer. */
  signal: AbortSignal;
  /** Something that is reported has changed. */
  changed(): void;
}
