import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** What people may see of a hosted cluster, when its credential changes, and which hubs share the hosting. */
export class HostedAgents1760000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE hosted_clusters
        ADD COLUMN server text NOT NULL DEFAULT '',
        -- namespace/name whose token the credential is.
        ADD COLUMN service_account text NOT NULL DEFAULT '',
        -- Rises with each credential: whoever holds the lease takes the new one up.
        ADD COLUMN credential_version bigint NOT NULL DEFAULT 1,
        -- An admin has allowed the agent to join with another key.
        ADD COLUMN may_join boolean NOT NULL DEFAULT false;
      CREATE TABLE hosting_hubs (
        hub uuid PRIMARY KEY,
        seen_until timestamptz NOT NULL
      );
    `);
  }

  down = forwardOnly;
}
