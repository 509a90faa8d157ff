import { Inject, Injectable } from '@nestjs/common';
import type { ApplicationSpec } from '#libs/resources/application';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { evidence, heldBy, targetCounts, targetState, targetTables } from '#src/hub/database/fragments';
import type { TargetCounts } from '#src/hub/fleet-status/targets.schema';
import type { applicationStates } from './applications.schema';

export interface LockedApplication {
  id: string;
  name: string;
  spec: ApplicationSpec;
  version: number;
  deleting: boolean;
}

/** An application with its newest release and its targets counted. */
export interface ApplicationRow extends LockedApplication, TargetCounts {
  state: (typeof applicationStates)[number];
  message: string | null;
  failing_since: Date | null;
  evaluated: boolean;
  created_at: Date;
  updated_at: Date;
  release: number | null;
  commit_id: string | null;
  revision_name: string | null;
  commit_subject: string | null;
  released_at: Date | null;
  trace_id: string | null;
  pending_removals: number;
  pending_deletions: number;
  held_by: string | null;
  refused: string | null;
}

export interface ApplicationFilter {
  source?: string;
  state?: ApplicationRow['state'];
}

/** Names; undefined: all. */
export interface ApplicationScope {
  regions?: readonly string[];
  applications?: readonly string[];
}

const state = `CASE WHEN app.deleting THEN 'deleting' ELSE app.state END`;

@Injectable()
export class ApplicationsRepository {
  private readonly counts: string;

  constructor(
    private readonly database: Database,
    @Inject(HUB_CONFIG) config: HubConfig,
  ) {
    this.counts = `
      SELECT each.application_id, ${targetCounts},
             count(*) FILTER (WHERE removal = 'pending')::int AS pending_removals,
             count(*) FILTER (WHERE deletions > 0)::int AS pending_deletions, min(refused) AS refused
        FROM (SELECT t.application_id, ${targetState(config.agents.unknownAfterSeconds)} AS state, t.removal, s.refused,
                     CASE WHEN coalesce(${evidence('s', 'st')}, false)
                          THEN jsonb_array_length(st.details->'pendingDeletions') END AS deletions
                FROM ${targetTables}
               WHERE t.application_id IN (SELECT id FROM page)
                 AND ($1::text[] IS NULL OR c.region = ANY ($1))) AS each
       GROUP BY each.application_id`;
  }

  /** By name, after the given one; the targets of the whole page are counted in one pass. */
  async list(
    filter: ApplicationFilter & { name?: string },
    scope: ApplicationScope,
    page: { after?: string; limit: number },
  ): Promise<ApplicationRow[]> {
    return await this.database.query<ApplicationRow>(
      `WITH page AS (
         SELECT app.* FROM applications app
          WHERE ($2::text[] IS NULL OR app.name = ANY ($2)) AND ($3::text IS NULL OR app.name = $3)
            AND ($4::text IS NULL OR app.source_id = (SELECT id FROM sources WHERE name = $4))
            AND ($5::text IS NULL OR ${state} = $5) AND ($6::text IS NULL OR app.name > $6)
          ORDER BY app.name LIMIT $7
       ), counts AS (${this.counts})
       SELECT app.id, app.name, app.spec, app.version, app.deleting, ${state} AS state, app.message, app.failing_since,
              app.evaluate_done >= app.evaluate_due AS evaluated, app.created_at, app.updated_at, app.release,
              r.commit_id, r.revision_name, r.commit_subject, r.created_at AS released_at, r.trace_id,
              coalesce(n.total, 0) AS total, coalesce(n.unknown, 0) AS unknown, coalesce(n.failed, 0) AS failed,
              coalesce(n.drifted, 0) AS drifted, coalesce(n.progressing, 0) AS progressing,
              coalesce(n."inSync", 0) AS "inSync", coalesce(n.pending_removals, 0) AS pending_removals,
              coalesce(n.pending_deletions, 0) AS pending_deletions, n.refused,
              ${heldBy({ application: 'app.name', cluster: 'NULL', region: 'NULL' })} AS held_by
         FROM page app
         LEFT JOIN releases r ON r.application_id = app.id AND r.number = app.release
         LEFT JOIN counts n ON n.application_id = app.id
        ORDER BY app.name`,
      [
        scope.regions ?? null,
        scope.applications ?? null,
        filter.name ?? null,
        filter.source ?? null,
        filter.state ?? null,
        page.after ?? null,
        page.limit,
      ],
    );
  }

  async find(name: string): Promise<LockedApplication | undefined> {
    return await this.database.one<LockedApplication>(
      'SELECT id, name, spec, version, deleting FROM applications WHERE name = $1',
      [name],
    );
  }

  /** Until the transaction ends: the stages wait for it, and see what it wrote. */
  async lock(name: string): Promise<LockedApplication | undefined> {
    return await this.database.one<LockedApplication>(
      'SELECT id, name, spec, version, deleting FROM applications WHERE name = $1 FOR UPDATE',
      [name],
    );
  }

  /** The source stays until the transaction ends. */
  async sourceId(name: string): Promise<string | undefined> {
    const row = await this.database.one<{ id: string }>('SELECT id FROM sources WHERE name = $1 FOR KEY SHARE', [name]);
    return row?.id;
  }

  async sourceNames(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>('SELECT name FROM sources ORDER BY name LIMIT $1', [
      limit,
    ]);
    return rows.map(({ name }) => name);
  }

  /** False: the name is taken. */
  async insert(id: string, name: string, sourceId: string, spec: ApplicationSpec): Promise<boolean> {
    const inserted = await this.database.execute(
      'INSERT INTO applications (id, name, source_id, spec) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING',
      [id, name, sourceId, JSON.stringify(spec)],
    );
    return inserted > 0;
  }

  async update(id: string, sourceId: string, spec: ApplicationSpec): Promise<void> {
    await this.database.execute(
      `UPDATE applications
          SET source_id = $2, spec = $3, version = version + 1, updated_at = now(), evaluate_due = evaluate_due + 1,
              evaluate_after = now()
        WHERE id = $1`,
      [id, sourceId, JSON.stringify(spec)],
    );
  }

  async evaluateAgain(id: string): Promise<void> {
    await this.database.execute(
      'UPDATE applications SET evaluate_due = evaluate_due + 1, evaluate_after = now() WHERE id = $1',
      [id],
    );
  }
}
