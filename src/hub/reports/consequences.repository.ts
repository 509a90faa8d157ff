import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { evidence, goodTarget, toldStatus } from '#src/hub/database/fragments';

export interface TargetId {
  application: string;
  cluster: string;
}

@Injectable()
export class ConsequencesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Locks what the removals among these targets will touch: applications, then roots, as whatever authorises does; all
   * applications where a cluster is leaving, since all of them are marked when it has left.
   * @returns the targets that an agent may be removing
   */
  async lockRemovals(told: readonly TargetId[]): Promise<TargetId[]> {
    const removals = await this.database.query<TargetId & { leaving: boolean }>(
      `SELECT s.application_id AS application, s.cluster_id AS cluster, c.lifecycle = 'deregistering' AS leaving
         FROM assignments s
         JOIN jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid)
           ON s.application_id = one.application AND s.cluster_id = one.cluster
         JOIN clusters c ON c.id = s.cluster_id
        WHERE s.removal IS NOT NULL`,
      [JSON.stringify(told)],
    );
    if (removals.length === 0) return [];
    if (removals.some(({ leaving }) => leaving)) await this.database.query('SELECT FROM fleet_version FOR UPDATE');
    await this.database.query(`SELECT FROM applications WHERE $2 OR id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`, [
      removals.map(({ application }) => application),
      removals.some(({ leaving }) => leaving),
    ]);
    await this.database.query(`SELECT FROM roots WHERE cluster_id = ANY ($1::uuid[]) ORDER BY cluster_id FOR UPDATE`, [
      removals.map(({ cluster }) => cluster),
    ]);
    return removals.map(({ application, cluster }) => ({ application, cluster }));
  }

  /** Ends the assignments whose removal the agent says is done, and the targets that are not placed again meanwhile. */
  async dropRemoved(changed: readonly TargetId[]): Promise<TargetId[]> {
    const removed = await this.database.query<TargetId>(
      `DELETE FROM assignments s
        USING target_status st, jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid)
        WHERE s.application_id = one.application AND s.cluster_id = one.cluster AND s.removal IS NOT NULL
          AND st.application_id = s.application_id AND st.cluster_id = s.cluster_id
          AND ${evidence('s', 'st')} AND st.phase IN ('removed', 'orphaned')
       RETURNING s.application_id AS application, s.cluster_id AS cluster`,
      [JSON.stringify(changed)],
    );
    if (removed.length === 0) return removed;
    await this.database.execute(
      `DELETE FROM targets t USING jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid)
        WHERE t.application_id = one.application AND t.cluster_id = one.cluster AND NOT t.placed`,
      [JSON.stringify(removed)],
    );
    await this.database.execute(
      `DELETE FROM target_status st USING jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid)
        WHERE st.application_id = one.application AND st.cluster_id = one.cluster`,
      [JSON.stringify(removed)],
    );
    return removed;
  }

  async markRootsDirty(clusterIds: readonly string[]): Promise<void> {
    await this.database.execute('UPDATE roots SET dirty = true WHERE cluster_id = ANY ($1::uuid[])', [clusterIds]);
  }

  /** An application that was deleted goes once its last target has gone. */
  async finishApplications(applicationIds: readonly string[]): Promise<void> {
    await this.database.execute(
      `DELETE FROM applications a
        WHERE a.id = ANY ($1::uuid[]) AND a.deleting
          AND NOT EXISTS (SELECT 1 FROM assignments s WHERE s.application_id = a.id)`,
      [applicationIds],
    );
  }

  /** Clusters that leave the fleet with their workloads, and of which the last has gone. */
  async emptiedClusters(clusterIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT c.id FROM clusters c
        WHERE c.id = ANY ($1::uuid[]) AND c.lifecycle = 'deregistering'
          AND NOT EXISTS (SELECT 1 FROM assignments s WHERE s.cluster_id = c.id)
        ORDER BY c.id`,
      [clusterIds],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Lets the next decision complete rollouts of which every placed target is good.
   * @param applicationIds undefined: of all applications
   * @returns how many there are
   */
  async wakeCompletedRollouts(applicationIds: readonly string[] | undefined): Promise<number> {
    return await this.database.execute(
      `UPDATE applications SET authorise_due = authorise_due + 1
        WHERE id IN (
          SELECT a.id FROM applications a
           WHERE ($1::uuid[] IS NULL OR a.id = ANY ($1)) AND a.authorise_done >= a.authorise_due
             AND EXISTS (SELECT 1 FROM rollouts r WHERE r.application_id = a.id AND r.state = 'running')
             AND NOT EXISTS (
               SELECT 1 FROM targets t
                 JOIN clusters c ON c.id = t.cluster_id AND c.lifecycle <> 'revoked'
                 LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
                 ${toldStatus('t', 'st')}
                WHERE t.application_id = a.id AND t.placed
                  AND (s.bundle IS DISTINCT FROM t.bundle OR NOT ${goodTarget('s', 'st')}))
           ORDER BY a.id FOR NO KEY UPDATE)`,
      [applicationIds ?? null],
    );
  }
}
