import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Facts are ordered as reports are; what only retention asks for is found without reading whole tables. */
export class FactsAndLetters1760000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE cluster_reports
        ADD COLUMN facts_session bigint NOT NULL DEFAULT 0,
        ADD COLUMN facts_sequence bigint NOT NULL DEFAULT 0;
      CREATE INDEX dead_letters_by_age ON dead_letters (at);
    `);
  }

  down = forwardOnly;
}
