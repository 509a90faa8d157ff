import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Identity over time: keys that come into force and go, agents that bring a new key, and clones that were turned away. */
export class Identity1760000000310 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The hub signs with a key only from then on; retired_at may lie ahead: until then it is still good.
      ALTER TABLE hub_keys ADD COLUMN active_from timestamptz NOT NULL DEFAULT now();
      ALTER TABLE clusters
        -- Told by the agent under its present key, in force as soon as it is used.
        ADD COLUMN next_agent_key text,
        ADD COLUMN next_agent_key_id text,
        -- Reports that it signed may still be on their way.
        ADD COLUMN previous_agent_key text,
        ADD COLUMN previous_agent_key_id text,
        ADD COLUMN previous_agent_key_until timestamptz;
      -- The key of a cluster that came from another kube-system: a clone, or a restored copy.
      CREATE TABLE agent_clones (
        cluster_id uuid NOT NULL REFERENCES clusters ON DELETE CASCADE,
        cluster_uid text NOT NULL,
        first_tried_at timestamptz NOT NULL DEFAULT now(),
        last_tried_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (cluster_id, cluster_uid)
      );
    `);
  }

  down = forwardOnly;
}
