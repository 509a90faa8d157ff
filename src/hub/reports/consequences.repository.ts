import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { evidence, goodTarget } from '#src/hub/database/fragments';

export interface TargetId {
  application: string;
  cluster: string;
}

@Injectable()
export class ConsequencesRepository {
  constructor(private readonly database: Database) {}

  /** Ends the assignments whose removal the agent says is done, and the targets that are not placed again meanwhile. */
  async dropRemoved(changed: readonly TargetId[]): Promise<TargetId[]> {
    // In the order in which the stage that authorises locks: application, then assignment.
    const concerned = await this.database.query(
      `SELECT id FROM applications
        WHERE id IN (SELECT s.application_id FROM assignments s
                       JOIN jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid)
                         ON s.application_id = one.application AND s.cluster_id = one.cluster
                      WHERE s.removal IS NOT NULL)
        ORDER BY id FOR UPDATE`,
      [JSON.stringify(changed)],
    );
    if (concerned.length === 0) return [];
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

  /** @returns how many applications have a running rollout of which every placed target is good */
  async wakeCompletedRollouts(changed: readonly TargetId[]): Promise<number> {
    return await this.database.execute(
      `UPDATE applications a SET authorise_due = authorise_due + 1
        WHERE a.id IN (SELECT DISTINCT application FROM jsonb_to_recordset($1::jsonb) AS one (application uuid))
          AND EXISTS (SELECT 1 FROM rollouts r WHERE r.application_id = a.id AND r.state = 'running')
          AND NOT EXISTS (
            SELECT 1 FROM targets t
              LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
              LEFT JOIN target_status st ON st.application_id = t.application_id AND st.cluster_id = t.cluster_id
             WHERE t.application_id = a.id AND t.placed
               AND (s.bundle IS DISTINCT FROM t.bundle OR NOT ${goodTarget('s', 'st')}))`,
      [JSON.stringify(changed)],
    );
  }
}
