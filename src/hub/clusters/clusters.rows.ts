import type { connections, lifecycles } from './clusters.schema';

/** A cluster as `ClustersRepository` reads it, with its connection as of now. */
export interface ClusterRow {
  id: string;
  name: string;
  region: string;
  labels: Record<string, string>;
  service_account: string | null;
  cordoned: boolean;
  lifecycle: (typeof lifecycles)[number];
  agent_key_id: string | null;
  joined_at: Date | null;
  cluster_uid: string | null;
  facts: Record<string, unknown>;
  version: number;
  created_at: Date;
  updated_at: Date;
  connection: (typeof connections)[number];
  received_at: Date | null;
  silent_seconds: number | null;
  trouble: string | null;
  held_epoch: number | null;
  held_generation: number | null;
  current_epoch: number | null;
  current_generation: number | null;
  hosted: boolean;
  /** Of the clone that was turned away last. */
  clone_uid: string | null;
  clone_first_at: Date | null;
  clone_last_at: Date | null;
}

/** Under the row lock of a change. */
export type LockedCluster = Pick<
  ClusterRow,
  | 'id'
  | 'name'
  | 'region'
  | 'labels'
  | 'service_account'
  | 'cordoned'
  | 'lifecycle'
  | 'version'
  | 'joined_at'
  | 'agent_key_id'
>;
