import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/**
 * What a fan-out to ten thousand targets rewrites: room in each page, so that an update stays in its page and touches no
 * index.
 */
export class Fanout1760000000450 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE targets SET (fillfactor = 50);
      ALTER TABLE assignments SET (fillfactor = 50);
      ALTER TABLE roots SET (fillfactor = 50);
      DROP INDEX roots_dirty;
    `);
  }

  down = forwardOnly;
}
