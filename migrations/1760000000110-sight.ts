import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Up to when the hub knows all that the message log has taken; and the release of a bundle without reading all variants. */
export class Sight1760000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE log_sight (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        sight_at timestamptz NOT NULL
      ) WITH (fillfactor = 50);
      CREATE INDEX variants_by_bundle ON variants (application_id, bundle);
    `);
  }

  down = forwardOnly;
}
