import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** What was told of each target, written on change only, a partition a day: what is old is dropped by the day. */
export class History1760000000420 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE target_history_id;
      CREATE TABLE target_history (
        id bigint NOT NULL DEFAULT nextval('target_history_id'),
        -- When the hub took it in.
        at timestamptz NOT NULL DEFAULT now(),
        application_id uuid NOT NULL,
        cluster_id uuid NOT NULL,
        bundle bytea,
        epoch bigint NOT NULL,
        generation bigint NOT NULL,
        phase text NOT NULL,
        health text NOT NULL,
        health_message text NOT NULL,
        drifted integer NOT NULL,
        observed_at timestamptz NOT NULL
      ) PARTITION BY RANGE (at);
      CREATE INDEX target_history_by_target ON target_history (application_id, cluster_id, id DESC);
      -- For days whose partition could not be made in time: no report waits for that.
      CREATE TABLE target_history_rest PARTITION OF target_history DEFAULT;
    `);
  }

  down = forwardOnly;
}
