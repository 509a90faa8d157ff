import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Rises with each change of clusters that may change placements: whoever placed under another one places again. */
export class FleetVersion1760000000430 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE fleet_version (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        version bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 50);
      INSERT INTO fleet_version DEFAULT VALUES;
    `);
  }

  down = forwardOnly;
}
