import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** The hub itself: its identity and keys, who may use it, and what was done. */
export class Hub1760000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE hub (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        id uuid NOT NULL,
        -- Rises when the hub is restored from a backup.
        epoch bigint NOT NULL DEFAULT 1,
        hold_version bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE hub_keys (
        key_id text PRIMARY KEY,
        role text NOT NULL CHECK (role IN ('root', 'signing', 'token')),
        version integer NOT NULL,
        public_key text,
        private_key_sealed bytea NOT NULL,
        -- By the root key, over a signing key.
        signature text,
        created_at timestamptz NOT NULL DEFAULT now(),
        retired_at timestamptz,
        UNIQUE (role, version)
      );
      CREATE TABLE api_tokens (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
        -- {"regions": [...], "applications": [...]}; empty object: everything.
        scope jsonb NOT NULL DEFAULT '{}',
        token_hash bytea NOT NULL UNIQUE,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        last_used_at timestamptz
      );
      CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        resource_kind text NOT NULL,
        resource_id text,
        resource_name text,
        before jsonb,
        after jsonb,
        request_id text
      );
      CREATE INDEX audit_by_resource ON audit (resource_kind, resource_name, id DESC);
      CREATE TABLE idempotency_keys (
        actor text NOT NULL,
        key text NOT NULL,
        request_hash bytea NOT NULL,
        status integer,
        response jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (actor, key)
      );
      CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
      CREATE TABLE holds (
        id uuid PRIMARY KEY,
        scope text NOT NULL CHECK (scope IN ('fleet', 'region', 'cluster', 'application')),
        -- Name of the region, cluster or application; empty for the fleet.
        scope_name text NOT NULL,
        reason text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        released_by text,
        released_at timestamptz
      );
      CREATE UNIQUE INDEX holds_in_force ON holds (scope, scope_name) WHERE released_at IS NULL;
    `);
  }

  down = forwardOnly;
}
