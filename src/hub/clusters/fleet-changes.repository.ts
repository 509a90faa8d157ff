import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

/** What a change of clusters sets in motion: marks and wake-ups, in the transaction of the change. */
@Injectable()
export class FleetChangesRepository {
  constructor(private readonly database: Database) {}

  /** Who is a target of what may have changed. */
  async placementChanged(): Promise<void> {
    await this.raiseVersion();
    await this.markApplications('evaluate_due = evaluate_due + 1');
    await this.wake('evaluate');
  }

  /** What may be authorised has changed, as with a cordon. */
  async authorisationChanged(): Promise<void> {
    await this.markApplications('authorise_due = authorise_due + 1');
    await this.wake('authorise');
  }

  /** Both; taken before the row of a cluster is deleted, in the order in which stages lock. */
  async clusterLeaves(): Promise<void> {
    await this.raiseVersion();
    await this.markApplications('evaluate_due = evaluate_due + 1, authorise_due = authorise_due + 1');
    await this.wake('evaluate');
    await this.wake('authorise');
  }

  async rootChanged(clusterId: string): Promise<void> {
    await this.database.execute('UPDATE roots SET dirty = true WHERE cluster_id = $1', [clusterId]);
    await this.wake('roots');
  }

  /** All that runs on the cluster is to be deleted there; `actor` has confirmed it. Answers how many targets. */
  async removeTargets(clusterId: string, actor: string): Promise<number> {
    // Where nothing was ever authorised there is nothing to delete, and no agent to say that it is gone.
    await this.database.execute(
      `DELETE FROM targets t WHERE t.cluster_id = $1 AND NOT EXISTS
         (SELECT 1 FROM assignments s WHERE s.application_id = t.application_id AND s.cluster_id = t.cluster_id)`,
      [clusterId],
    );
    const rows = await this.database.query<{ application_id: string }>(
      `UPDATE targets SET placed = false, removal = 'delete', removal_since = now(), removal_confirmed_by = $2,
              reason = 'the cluster is being deregistered'
       WHERE cluster_id = $1 RETURNING application_id`,
      [clusterId, actor],
    );
    await this.database.execute(
      `UPDATE applications SET authorise_due = authorise_due + 1
       WHERE id IN (SELECT id FROM applications WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)`,
      [rows.map(({ application_id }) => application_id)],
    );
    await this.wake('authorise');
    return rows.length;
  }

  /** An application that is being made meanwhile is not marked here; its evaluation sees by this that it must be repeated. */
  private async raiseVersion(): Promise<void> {
    await this.database.execute('UPDATE fleet_version SET version = version + 1');
  }

  /** Locked in the order of their ids, so that two such changes never wait for each other. */
  private async markApplications(assignment: string): Promise<void> {
    await this.database.execute(
      `UPDATE applications SET ${assignment} WHERE id IN (SELECT id FROM applications ORDER BY id FOR UPDATE)`,
    );
  }

  private async wake(stage: 'evaluate' | 'authorise' | 'roots'): Promise<void> {
    await this.database.query(`SELECT pg_notify('flotilla_stage', $1)`, [stage]);
  }
}
