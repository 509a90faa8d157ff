import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** What lies below a bundle, and when each node was last of use: nodes are marked and swept. */
export class Retention1760000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE nodes
        -- Stored, or found to be carried, about then.
        ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
        -- Of a bundle: the digests of its objects. Null where an older hub stored it: the sweeper fills it in.
        ADD COLUMN children bytea[];
      CREATE INDEX nodes_by_age ON nodes (kind, last_used_at);
      CREATE INDEX nodes_without_children ON nodes (digest) WHERE kind = 'bundle' AND children IS NULL;

      -- Bundles are referenced by variants; targets and assignments only ever name a variant's. Checking these two at each
      -- deletion of a bundle would read them whole, and at each authorisation costs for nothing.
      ALTER TABLE targets DROP CONSTRAINT targets_bundle_fkey;
      ALTER TABLE assignments DROP CONSTRAINT assignments_bundle_fkey;
      DROP INDEX variants_by_bundle;
      CREATE INDEX variants_by_bundle ON variants (bundle, application_id);
      CREATE INDEX assignments_by_approval ON assignments (approved_deletions) WHERE approved_deletions IS NOT NULL;

      -- Which hub sweeps, and when the next may.
      CREATE TABLE retention_sweeps (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        begun_at timestamptz NOT NULL
      );
      INSERT INTO retention_sweeps (begun_at) VALUES (now());
    `);
  }

  down = forwardOnly;
}
