import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Keys of agents whose cluster was deregistered: they are told that it is gone, rather than that they are unknown. */
export class FormerAgents1760000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE former_agent_keys (
        key_id text PRIMARY KEY,
        cluster_name text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX former_agent_keys_by_age ON former_agent_keys (at);
      CREATE INDEX join_tokens_by_expiry ON join_tokens (expires_at);
    `);
  }

  down = forwardOnly;
}
