import type { Version } from '#libs/protocol/root';
import type { LogProducer } from '#src/log/port';
import type { Logger } from '#src/log/logger';
import type { Outgoing } from '#src/net/outgoing';
import type { HubGateway } from './hub/port';
import type { KubernetesApi } from './kubernetes/port';
import type { AgentRuntime } from './runtime';
import type { SharedNodes } from './sync/shared-nodes';

export interface AgentOptions {
  /** The cluster; the agent does not close it. */
  kubernetes: KubernetesApi;
  /** Needed to join; later it overrides the address that was stored at joining. */
  hubUrl?: string;
  /** Needed once; a token that was used already is ignored. */
  joinToken?: string;
  /** PEM certificates to trust for the hub, instead of the system's. */
  hubCa?: string;
  /** How the hub is reached: proxies, and whom to trust beside. Straight unless told; neither Kafka nor the cluster. */
  outgoing?: Outgoing;
  /** Where nodes and unsent reports are kept, a folder of this agent alone. Without it, nothing outlives the process. */
  dataFolder?: string;
  /** Create the service account that platform applications are applied as, bound to cluster-admin, where it is missing. */
  bootstrap?: boolean;
  logger?: Logger;
  runtime?: AgentRuntime;
  /** Ends the agent, also while it is still joining. */
  signal?: AbortSignal;
  /** In the place of HTTP: for tests, and for agents within the hub's process. */
  gatewayTo?: (hubUrl: string) => HubGateway;
  /** In the place of one Kafka client for each agent: for many agents in a process. */
  openProducer?: (brokers: string[], ssl: boolean) => Promise<LogProducer>;
  /** What agents of one process have verified; each verifies for itself unless told. */
  sharedNodes?: SharedNodes;
  /** Told as it happens, for whoever runs many agents and cannot ask each for its state. */
  observer?: AgentObserver;
  /** Watch what is applied, so that changes are found within a second or so: true. Without it, only full comparisons. */
  watch?: boolean;
  /** Versions of the hub's protocol to speak, instead of those that this version does: for tests of upgrades. */
  protocols?: readonly number[];
  /** In milliseconds; what is left out is as written beside it. */
  timing?: Partial<AgentTiming>;
}

export interface AgentObserver {
  /** The hub has answered, or can no longer be followed; told when it changes. */
  connection(isConnected: boolean): void;
  /** This root is in force from now on. */
  root(root: Version): void;
}

export interface AgentTiming {
  /** Shortest and longest time that the hub may keep a poll open: 25,000 and 30,000. */
  pollMs: [number, number];
  /** A full snapshot of reports at least this often: 600,000. */
  snapshotMs: number;
  /** A look at everything's health: 30,000. */
  healthMs: number;
  /** The agent replaces its key when it is older than this: 2,592,000,000, thirty days. */
  keyAgeMs: number;
}

export const defaultTiming: AgentTiming = {
  pollMs: [25_000, 30_000],
  snapshotMs: 600_000,
  healthMs: 30_000,
  keyAgeMs: 30 * 86_400_000,
};
