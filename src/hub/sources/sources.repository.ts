import { Injectable } from '@nestjs/common';
import type { SourceSpec } from '#libs/resources/source';
import { Database } from '#src/hub/database/database';

/** Without what is sealed: that is read only where it is opened. */
export interface SourceRow {
  id: string;
  name: string;
  spec: SourceSpec;
  version: number;
  state: 'pending' | 'ready' | 'failing';
  message: string | null;
  commit_id: string | null;
  revision_name: string | null;
  commit_subject: string | null;
  committed_at: Date | null;
  fetched_at: Date | null;
  failing_since: Date | null;
  rewritten_at: Date | null;
  next_poll_at: Date;
  credentials_set: boolean;
  webhook_secret_set: boolean;
  created_at: Date;
  updated_at: Date;
}

export interface WebhookRow {
  id: string;
  spec: SourceSpec;
  state: SourceRow['state'];
  webhook_secret_sealed: Buffer | null;
}

/** Undefined: stays as it is; null: goes. */
export interface SealedChange {
  credentials?: Buffer | null;
  webhookSecret?: Buffer | null;
}

const columns = `id, name, spec, version, state, message, commit_id, revision_name, commit_subject, committed_at, fetched_at,
  failing_since, rewritten_at, next_poll_at, credentials_sealed IS NOT NULL AS credentials_set,
  webhook_secret_sealed IS NOT NULL AS webhook_secret_set, created_at, updated_at`;

@Injectable()
export class SourcesRepository {
  constructor(private readonly database: Database) {}

  async find(name: string): Promise<SourceRow | undefined> {
    return await this.database.one<SourceRow>(`SELECT ${columns} FROM sources WHERE name = $1`, [name]);
  }

  /** Until the transaction ends; applications that come to use it wait. */
  async lock(name: string): Promise<SourceRow | undefined> {
    return await this.database.one<SourceRow>(`SELECT ${columns} FROM sources WHERE name = $1 FOR UPDATE`, [name]);
  }

  async sealed(id: string): Promise<SealedChange> {
    const row = await this.database.one<SealedChange>(
      'SELECT credentials_sealed AS credentials, webhook_secret_sealed AS "webhookSecret" FROM sources WHERE id = $1',
      [id],
    );
    return row ?? {};
  }

  /** By name, after the given one. */
  async list(state: SourceRow['state'] | undefined, after: string | undefined, limit: number): Promise<SourceRow[]> {
    return await this.database.query<SourceRow>(
      `SELECT ${columns} FROM sources
        WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3`,
      [state ?? null, after ?? null, limit],
    );
  }

  /** False: the name is taken. */
  async insert(id: string, name: string, spec: SourceSpec, sealed: SealedChange): Promise<boolean> {
    const inserted = await this.database.execute(
      `INSERT INTO sources (id, name, spec, credentials_sealed, webhook_secret_sealed) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (name) DO NOTHING`,
      [id, name, JSON.stringify(spec), sealed.credentials ?? null, sealed.webhookSecret ?? null],
    );
    return inserted > 0;
  }

  /** @param fetch what is read changes: it is read anew, at once, and is pending until then */
  async update(id: string, spec: SourceSpec, sealed: SealedChange, fetch: boolean): Promise<void> {
    await this.database.execute(
      `UPDATE sources
          SET spec = $2, version = version + 1, updated_at = now(),
              credentials_sealed = CASE WHEN $3 THEN $4 ELSE credentials_sealed END,
              webhook_secret_sealed = CASE WHEN $5 THEN $6 ELSE webhook_secret_sealed END,
              fetch_due = fetch_due + $7::boolean::int,
              state = CASE WHEN $7 THEN 'pending' ELSE state END,
              message = CASE WHEN $7 THEN NULL ELSE message END,
              failures = CASE WHEN $7 THEN 0 ELSE failures END,
              failing_since = CASE WHEN $7 THEN NULL ELSE failing_since END,
              next_poll_at = least(next_poll_at, now() + make_interval(secs => $8))
        WHERE id = $1`,
      [
        id,
        JSON.stringify(spec),
        sealed.credentials !== undefined,
        sealed.credentials ?? null,
        sealed.webhookSecret !== undefined,
        sealed.webhookSecret ?? null,
        fetch,
        spec.pollSeconds,
      ],
    );
  }

  async delete(id: string): Promise<void> {
    await this.database.execute('DELETE FROM sources WHERE id = $1', [id]);
  }

  /** Names of some applications that use it, and how many there are. */
  async users(id: string, limit: number): Promise<{ names: string[]; total: number }> {
    const rows = await this.database.query<{ name: string; total: number }>(
      `SELECT name, count(*) OVER ()::int AS total FROM applications WHERE source_id = $1 ORDER BY name LIMIT $2`,
      [id, limit],
    );
    return { names: rows.map(({ name }) => name), total: rows[0]?.total ?? 0 };
  }

  async raiseFetchDue(name: string): Promise<void> {
    await this.database.execute('UPDATE sources SET fetch_due = fetch_due + 1 WHERE name = $1', [name]);
  }

  /**
   * One fetch that has not begun covers every event before it: only where none waits, or one is under way, another is asked
   * for. @returns whether it was
   */
  async raiseFetchDueOnce(id: string): Promise<boolean> {
    const raised = await this.database.execute(
      `UPDATE sources SET fetch_due = fetch_due + 1
        WHERE id = $1 AND (fetch_done >= fetch_due OR leased_until IS NOT NULL)`,
      [id],
    );
    return raised > 0;
  }

  async forWebhook(name: string): Promise<WebhookRow | undefined> {
    return await this.database.one<WebhookRow>(
      'SELECT id, spec, state, webhook_secret_sealed FROM sources WHERE name = $1',
      [name],
    );
  }
}
