import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Registered clusters, how their agents prove themselves, and when they were last heard. */
export class Clusters1760000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE clusters (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        region text NOT NULL,
        labels jsonb NOT NULL DEFAULT '{}',
        -- namespace/name of the service account that the cluster's own scope is applied as; null: as the agent itself.
        service_account text,
        -- No new authorisations while true; workloads stay.
        cordoned boolean NOT NULL DEFAULT false,
        lifecycle text NOT NULL DEFAULT 'registered'
          CHECK (lifecycle IN ('registered', 'joined', 'deregistering', 'revoked')),
        agent_key text,
        agent_key_id text UNIQUE,
        joined_at timestamptz,
        -- UID of kube-system: the same key from another cluster is a clone.
        cluster_uid text,
        facts jsonb NOT NULL DEFAULT '{}',
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX clusters_by_region ON clusters (region, name);
      CREATE INDEX clusters_by_labels ON clusters USING gin (labels jsonb_path_ops);
      CREATE TABLE join_tokens (
        token_hash bytea PRIMARY KEY,
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        -- A lost answer: the same key may ask again with the same token.
        used_by_key_id text
      );
      CREATE INDEX join_tokens_by_cluster ON join_tokens (cluster_id);
      CREATE TABLE agent_sessions (
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        session bigint NOT NULL,
        key_sealed bytea NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (cluster_id, session)
      );
      -- Narrow, no index but its key, room for HOT updates: one update a heartbeat.
      CREATE TABLE heartbeats (
        cluster_id uuid PRIMARY KEY,
        session bigint NOT NULL,
        sequence bigint NOT NULL,
        epoch bigint NOT NULL,
        generation bigint NOT NULL,
        received_at timestamptz NOT NULL,
        trouble text
      ) WITH (fillfactor = 50);
      -- Clusters whose agent the hub hosts, with the credential by which it reaches them.
      CREATE TABLE hosted_clusters (
        cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE CASCADE,
        kubeconfig_sealed bytea NOT NULL,
        expires_at timestamptz,
        rotated_at timestamptz NOT NULL DEFAULT now(),
        holder text,
        lease_until timestamptz,
        lease_epoch bigint NOT NULL DEFAULT 0,
        message text
      );
    `);
  }

  down = forwardOnly;
}
