import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** What agents say, folded: for each target the highest (session, sequence), and from where each partition is read on. */
export class Reports1760000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cluster_reports (
        cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE CASCADE,
        -- The newest full snapshot: a target that was last told before it is gone.
        snapshot_session bigint NOT NULL DEFAULT 0,
        snapshot_sequence bigint NOT NULL DEFAULT 0
      );
      CREATE TABLE target_status (
        application_id uuid NOT NULL,
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        session bigint NOT NULL,
        sequence bigint NOT NULL,
        bundle bytea,
        epoch bigint NOT NULL,
        generation bigint NOT NULL,
        phase text NOT NULL,
        health text NOT NULL,
        health_message text NOT NULL,
        drifted integer NOT NULL,
        corrected integer NOT NULL,
        objects_total integer NOT NULL,
        objects_applied integer NOT NULL,
        objects_failed integer NOT NULL,
        -- {errors, driftNotes, pendingDeletions}
        details jsonb NOT NULL,
        observed_at timestamptz NOT NULL,
        age_ms bigint NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (application_id, cluster_id)
      ) WITH (fillfactor = 70);
      CREATE INDEX target_status_by_cluster ON target_status (cluster_id);
      -- Advanced in the transaction of the effects, only ever upwards.
      CREATE TABLE log_offsets (
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, topic, partition)
      );
      CREATE TABLE dead_letters (
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key text,
        value bytea NOT NULL,
        reason text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (topic, partition, "offset")
      );
    `);
  }

  down = forwardOnly;
}
