import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Agents that hold what this hub has not made: its database was put back to an older state. */
export class Restores1760000000410 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agents_ahead (
        cluster_id uuid PRIMARY KEY REFERENCES clusters ON DELETE CASCADE,
        -- The highest root that its agent was heard to hold.
        epoch bigint NOT NULL,
        generation bigint NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  down = forwardOnly;
}
