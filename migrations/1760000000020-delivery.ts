import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/**
 * The way of a change, a table a stage: sources → applications → targets → releases → rollouts → assignments → roots.
 * A stage is marked as due by raising \`*_due\`, and is done when \`*_done\` has reached it: level-triggered, and a stale
 * worker's commit finds that \`*_done\` has passed it by.
 */
export class Delivery1760000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sources (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        spec jsonb NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        credentials_sealed bytea,
        webhook_secret_sealed bytea,
        next_poll_at timestamptz NOT NULL DEFAULT now(),
        fetch_due bigint NOT NULL DEFAULT 1,
        fetch_done bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        lease_epoch bigint NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'ready', 'failing')),
        message text,
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        rewritten_at timestamptz,
        commit_id text,
        revision_name text,
        commit_subject text,
        committed_at timestamptz,
        -- When the hub first saw this commit, and the id that follows it to the clusters.
        commit_seen_at timestamptz,
        trace_id text,
        fetched_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE applications (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        source_id uuid NOT NULL REFERENCES sources,
        spec jsonb NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        -- Deleted by a person: its targets are on their way out.
        deleting boolean NOT NULL DEFAULT false,
        evaluate_due bigint NOT NULL DEFAULT 1,
        evaluate_done bigint NOT NULL DEFAULT 0,
        -- Put off after a failure that may pass by itself.
        evaluate_after timestamptz NOT NULL DEFAULT now(),
        authorise_due bigint NOT NULL DEFAULT 0,
        authorise_done bigint NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'ready', 'failing')),
        message text,
        failing_since timestamptz,
        release bigint,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX applications_by_source ON applications (source_id);
      CREATE INDEX applications_to_evaluate ON applications (id) WHERE evaluate_done < evaluate_due;
      CREATE INDEX applications_to_authorise ON applications (id) WHERE authorise_done < authorise_due;

      -- Canonical bytes under their SHA-256: deflated, and sealed where sensitive.
      CREATE TABLE nodes (
        digest bytea PRIMARY KEY,
        kind text NOT NULL,
        sensitive boolean NOT NULL,
        size_bytes integer NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      -- What the hub asks of bundles without opening them; keys as of objectKey, sorted.
      CREATE TABLE bundles (
        digest bytea PRIMARY KEY REFERENCES nodes,
        object_keys text[] NOT NULL
      );
      CREATE TABLE releases (
        application_id uuid NOT NULL REFERENCES applications ON DELETE CASCADE,
        number bigint NOT NULL,
        commit_id text NOT NULL,
        revision_name text NOT NULL,
        commit_subject text NOT NULL,
        tree_id text NOT NULL,
        -- Digest of everything that the output depends on but the values of each target.
        inputs bytea NOT NULL,
        trace_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (application_id, number)
      );
      CREATE TABLE variants (
        application_id uuid NOT NULL,
        release bigint NOT NULL,
        -- Digest of the values that this variant was rendered with.
        values_digest bytea NOT NULL,
        bundle bytea NOT NULL REFERENCES bundles,
        PRIMARY KEY (application_id, release, values_digest),
        FOREIGN KEY (application_id, release) REFERENCES releases ON DELETE CASCADE
      );
      CREATE TABLE targets (
        application_id uuid NOT NULL REFERENCES applications ON DELETE CASCADE,
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        placed boolean NOT NULL,
        -- Why it is a target, or has ceased to be one.
        reason text NOT NULL,
        placed_since timestamptz NOT NULL DEFAULT now(),
        -- What the newest release wants here; null until it could be rendered.
        release bigint,
        bundle bytea REFERENCES bundles,
        -- Why the newest release cannot be rendered for this target.
        problem text,
        removal text CHECK (removal IN ('pending', 'delete', 'orphan')),
        removal_since timestamptz,
        removal_confirmed_by text,
        PRIMARY KEY (application_id, cluster_id)
      );
      CREATE INDEX targets_by_cluster ON targets (cluster_id);

      CREATE TABLE rollouts (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES applications ON DELETE CASCADE,
        release bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'completed', 'superseded')),
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        UNIQUE (application_id, release)
      );
      CREATE TABLE assignments (
        application_id uuid NOT NULL REFERENCES applications ON DELETE CASCADE,
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        release bigint,
        -- Null: a removal, of the mode in \`removal\`.
        bundle bytea REFERENCES bundles,
        removal text CHECK (removal IN ('delete', 'orphan')),
        approved_deletions bytea REFERENCES nodes,
        trace_id text NOT NULL,
        authorised_at timestamptz NOT NULL DEFAULT now(),
        -- What the cluster's root says, and since which version it says so.
        carried_bundle bytea,
        carried_epoch bigint,
        carried_generation bigint,
        -- Why the root does not carry it: another application claims one of its objects.
        refused text,
        PRIMARY KEY (application_id, cluster_id),
        CHECK ((bundle IS NULL) = (removal IS NOT NULL))
      );
      CREATE INDEX assignments_by_cluster ON assignments (cluster_id);
      -- One mutable row a cluster. Signed when first served.
      CREATE TABLE roots (
        cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE CASCADE,
        dirty boolean NOT NULL DEFAULT true,
        epoch bigint NOT NULL DEFAULT 0,
        generation bigint NOT NULL DEFAULT 0,
        scopes jsonb NOT NULL DEFAULT '{}',
        built_at timestamptz,
        signed jsonb,
        expires_at timestamptz
      );
      CREATE INDEX roots_dirty ON roots (cluster_id) WHERE dirty;
    `);
  }

  down = forwardOnly;
}
