import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { Authorisation, TargetFacts } from '#libs/rollout/decide';
import { Database } from '#src/hub/database/database';
import { toldStatus } from '#src/hub/database/fragments';
import { factsOf, type TargetFactsRow, targetFactsColumns } from './target-facts';

export interface DueApplication {
  id: string;
  name: string;
  release: number | null;
  trace_id: string | null;
  authorise_due: number;
}

/** Keys as of `objectKey`. */
export interface DeletableObjects {
  /** Id. */
  cluster: string;
  objects: string[];
}

/** In a node; see `deletionsNodeSchema`. */
export const maxApprovedDeletions = 10_000;

@Injectable()
export class RolloutsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Locks one application that waits for a decision until the transaction ends; others skip it. In turn by id, so that one
   * that always waits keeps no other waiting.
   * @param last id of the one before
   * @param except ids that are passed over
   */
  async lockDue(last: string, except: readonly string[]): Promise<DueApplication | undefined> {
    const locked = await this.database.one<Omit<DueApplication, 'trace_id'>>(
      `SELECT id, name, release, authorise_due
         FROM applications
        WHERE authorise_done < authorise_due AND id <> ALL ($2::uuid[])
        ORDER BY id <= $1, id LIMIT 1
          FOR UPDATE SKIP LOCKED`,
      [last, except],
    );
    if (locked === undefined) return undefined;
    const release = await this.database.one<{ trace_id: string }>(
      'SELECT trace_id FROM releases WHERE application_id = $1 AND number = $2',
      [locked.id, locked.release],
    );
    return { ...locked, trace_id: release?.trace_id ?? null };
  }

  async targets(applicationId: string): Promise<TargetFacts[]> {
    const rows = await this.database.query<TargetFactsRow>(
      `SELECT ${targetFactsColumns}
         FROM targets t
         JOIN clusters c ON c.id = t.cluster_id
         JOIN applications a ON a.id = t.application_id
         LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
         ${toldStatus('t', 'st')}
        WHERE t.application_id = $1 AND c.lifecycle <> 'revoked'
        ORDER BY c.name`,
      [applicationId],
    );
    return rows.map(factsOf);
  }

  /**
   * Writes what `decide` authorised, and marks those clusters. A delivery forgets approved deletions, since they named
   * what was to go with another bundle.
   * @param approvals cluster id → node of what may be deleted there
   */
  async authorise(
    applicationId: string,
    traceId: string,
    authorisations: readonly Authorisation[],
    approvals: ReadonlyMap<string, Digest>,
  ): Promise<void> {
    if (authorisations.length === 0) return;
    await this.markDirty(authorisations.map((step) => step.cluster));
    await this.database.execute(
      `INSERT INTO assignments (application_id, cluster_id, release, bundle, removal, approved_deletions, trace_id)
       SELECT $1, new.cluster, new.release, decode(new.bundle, 'hex'), new.removal,
              decode(new.approved, 'hex'), $2
         FROM jsonb_to_recordset($3::jsonb)
           AS new (cluster uuid, release bigint, bundle text, removal text, approved text)
       ON CONFLICT (application_id, cluster_id) DO UPDATE
          SET release = coalesce(excluded.release, assignments.release), bundle = excluded.bundle,
              removal = excluded.removal, approved_deletions = excluded.approved_deletions, trace_id = excluded.trace_id,
              authorised_at = now(), refused = NULL`,
      [
        applicationId,
        traceId,
        JSON.stringify(
          authorisations.map((step) =>
            step.kind === 'deliver'
              ? { cluster: step.cluster, release: step.release, bundle: step.bundle }
              : { cluster: step.cluster, removal: step.mode, approved: approvals.get(step.cluster) },
          ),
        ),
      ],
    );
  }

  /**
   * What a person who has the application removed from these clusters has said may go: all that it is known to have
   * there, of what was assigned, what the root carries and what the agent told.
   */
  async keysOnClusters(applicationId: string, clusterIds: readonly string[]): Promise<DeletableObjects[]> {
    return await this.database.query<DeletableObjects>(
      `SELECT s.cluster_id AS cluster, ARRAY(
                SELECT unnest(b.object_keys) FROM bundles b WHERE b.digest IN (s.bundle, s.carried_bundle, st.bundle)
                 UNION
                SELECT jsonb_array_elements_text(st.details->'pendingDeletions')
                 ORDER BY 1 LIMIT $3) AS objects
         FROM assignments s
         LEFT JOIN target_status st ON st.application_id = s.application_id AND st.cluster_id = s.cluster_id
        WHERE s.application_id = $1 AND s.cluster_id = ANY ($2::uuid[])`,
      [applicationId, clusterIds, maxApprovedDeletions],
    );
  }

  /** What is approved already for the present assignments of these clusters. */
  async approvedOn(applicationId: string, clusterIds: readonly string[]): Promise<Map<string, Digest>> {
    const rows = await this.database.query<{ cluster: string; approved: Digest }>(
      `SELECT cluster_id AS cluster, encode(approved_deletions, 'hex') AS approved FROM assignments
        WHERE application_id = $1 AND cluster_id = ANY ($2::uuid[]) AND approved_deletions IS NOT NULL`,
      [applicationId, clusterIds],
    );
    return new Map(rows.map((row) => [row.cluster, row.approved]));
  }

  async setApproved(applicationId: string, approvals: ReadonlyMap<string, Digest>): Promise<void> {
    const rows = [...approvals].map(([cluster, approved]) => ({ cluster, approved }));
    await this.markDirty([...approvals.keys()]);
    await this.database.execute(
      `UPDATE assignments s SET approved_deletions = decode(new.approved, 'hex')
         FROM jsonb_to_recordset($2::jsonb) AS new (cluster uuid, approved text)
        WHERE s.application_id = $1 AND s.cluster_id = new.cluster`,
      [applicationId, JSON.stringify(rows)],
    );
  }

  /**
   * Locks the roots of these clusters, and has them built anew. Before their assignments are written, never after: the
   * stage that builds roots locks in this order, and does not read assignments that are half changed.
   */
  private async markDirty(clusterIds: readonly string[]): Promise<void> {
    await this.database.execute(
      `INSERT INTO roots (cluster_id) SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
       ON CONFLICT (cluster_id) DO UPDATE SET dirty = true WHERE NOT roots.dirty`,
      [clusterIds],
    );
  }

  /** An application that was deleted goes with its last assignment, also where the cluster itself has gone. */
  async deleteIfGone(applicationId: string): Promise<void> {
    await this.database.execute(
      `DELETE FROM applications a
        WHERE a.id = $1 AND a.deleting AND NOT EXISTS (SELECT 1 FROM assignments s WHERE s.application_id = a.id)`,
      [applicationId],
    );
  }

  async finish(application: DueApplication, completed: boolean): Promise<void> {
    await this.database.execute('UPDATE applications SET authorise_done = $2 WHERE id = $1', [
      application.id,
      application.authorise_due,
    ]);
    await this.database.execute(
      `UPDATE rollouts SET state = CASE WHEN release = $2 THEN 'completed' ELSE 'superseded' END, ended_at = now()
        WHERE application_id = $1 AND state = 'running' AND (release < $2 OR (release = $2 AND $3))`,
      [application.id, application.release ?? 0, completed],
    );
  }
}
