import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { evidence } from '#src/hub/database/fragments';

export interface RemovableTarget {
  /** Id. */
  cluster: string;
  name: string;
  placed: boolean;
}

export interface WaitingRow {
  /** Orders the groups. */
  key: string;
  objects: string[];
  clusters: string[];
}

export interface PendingDeletionsRow {
  /** Id. */
  cluster: string;
  name: string;
  evident: boolean;
  objects: string[];
}

@Injectable()
export class RemovalsRepository {
  constructor(private readonly database: Database) {}

  /** Targets of an application on these clusters; undefined: on all. */
  async targets(applicationId: string, names?: readonly string[]): Promise<RemovableTarget[]> {
    return await this.database.query<RemovableTarget>(
      `SELECT c.id AS cluster, c.name, t.placed FROM targets t JOIN clusters c ON c.id = t.cluster_id
        WHERE t.application_id = $1 AND ($2::text[] IS NULL OR c.name = ANY ($2)) ORDER BY c.name`,
      [applicationId, names ?? null],
    );
  }

  /** Someone has said what becomes of these targets. */
  async confirm(
    applicationId: string,
    clusterIds: readonly string[],
    removal: { mode: 'delete' | 'orphan'; by: string; reason?: string },
  ): Promise<void> {
    await this.database.execute(
      `UPDATE targets
          SET placed = false, problem = NULL, removal = $3, removal_confirmed_by = $4,
              removal_since = coalesce(removal_since, now()), reason = coalesce($5, reason),
              placed_since = CASE WHEN placed THEN now() ELSE placed_since END
        WHERE application_id = $1 AND cluster_id = ANY ($2::uuid[])`,
      [applicationId, clusterIds, removal.mode, removal.by, removal.reason ?? null],
    );
  }

  /**
   * Targets that are leaving, and of which no agent will ever tell: nothing was authorised there, no agent ever joined, or
   * it is refused. They go at once. @returns how many are left of those on these clusters
   */
  async dropUnreachable(applicationId: string, clusterIds: readonly string[]): Promise<number> {
    const parameters = [applicationId, clusterIds];
    // Roots before assignments, as the stages lock them.
    const unreachable = await this.database.query<{ cluster_id: string }>(
      `UPDATE roots SET dirty = true
        WHERE cluster_id IN (
          SELECT r.cluster_id FROM roots r JOIN clusters c ON c.id = r.cluster_id
           WHERE c.id = ANY ($2::uuid[]) AND (c.lifecycle = 'revoked' OR c.joined_at IS NULL AND c.lifecycle = 'registered')
             AND EXISTS (SELECT 1 FROM assignments s WHERE s.application_id = $1 AND s.cluster_id = c.id)
           ORDER BY r.cluster_id FOR UPDATE OF r)
       RETURNING cluster_id`,
      parameters,
    );
    await this.database.execute('DELETE FROM assignments WHERE application_id = $1 AND cluster_id = ANY ($2::uuid[])', [
      applicationId,
      unreachable.map((row) => row.cluster_id),
    ]);
    await this.database.execute(
      `DELETE FROM targets t
        WHERE t.application_id = $1 AND t.cluster_id = ANY ($2::uuid[]) AND NOT t.placed
          AND NOT EXISTS (SELECT 1 FROM assignments s
                           WHERE s.application_id = t.application_id AND s.cluster_id = t.cluster_id)`,
      parameters,
    );
    const row = await this.database.one<{ left: number }>(
      `SELECT count(*)::int AS left FROM assignments WHERE application_id = $1 AND cluster_id = ANY ($2::uuid[])`,
      parameters,
    );
    return row?.left ?? 0;
  }

  async raiseAuthoriseDue(applicationId: string): Promise<void> {
    await this.database.execute('UPDATE applications SET authorise_due = authorise_due + 1 WHERE id = $1', [
      applicationId,
    ]);
  }

  async markDeleting(applicationId: string): Promise<void> {
    await this.database.execute(
      'UPDATE applications SET deleting = true, version = version + 1, updated_at = now() WHERE id = $1',
      [applicationId],
    );
  }

  async deleteApplication(applicationId: string): Promise<void> {
    await this.database.execute('DELETE FROM target_status WHERE application_id = $1', [applicationId]);
    await this.database.execute('DELETE FROM applications WHERE id = $1', [applicationId]);
  }

  /** Equal sets of objects whose deletion waits, each with its clusters. */
  async waiting(
    applicationId: string,
    regions: readonly string[] | undefined,
    after: string | undefined,
    limit: number,
  ): Promise<WaitingRow[]> {
    return await this.database.query<WaitingRow>(
      `SELECT key, objects, clusters
         FROM (SELECT md5((st.details->'pendingDeletions')::text) AS key, st.details->'pendingDeletions' AS objects,
                      jsonb_agg(c.name ORDER BY c.name) AS clusters
                 ${this.told()}
                WHERE s.application_id = $1 AND ${evidence('s', 'st')}
                  AND jsonb_array_length(st.details->'pendingDeletions') > 0
                  AND ($2::text[] IS NULL OR c.region = ANY ($2))
                GROUP BY st.details->'pendingDeletions') AS sets
        WHERE $3::text IS NULL OR key > $3
        ORDER BY key LIMIT $4`,
      [applicationId, regions ?? null, after ?? null, limit],
    );
  }

  async pendingOn(applicationId: string, names: readonly string[]): Promise<PendingDeletionsRow[]> {
    return await this.database.query<PendingDeletionsRow>(
      `SELECT c.id AS cluster, c.name, coalesce(${evidence('s', 'st')}, false) AS evident,
              coalesce(st.details->'pendingDeletions', '[]') AS objects
         ${this.told()}
        WHERE s.application_id = $1 AND c.name = ANY ($2::text[])`,
      [applicationId, names],
    );
  }

  private told(): string {
    return `FROM assignments s
            JOIN clusters c ON c.id = s.cluster_id
            LEFT JOIN cluster_reports cr ON cr.cluster_id = s.cluster_id
            LEFT JOIN target_status st ON st.application_id = s.application_id AND st.cluster_id = s.cluster_id
             AND (st.session, st.sequence) >= (coalesce(cr.snapshot_session, 0), coalesce(cr.snapshot_sequence, 0))`;
  }
}
