import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { Authorisation, TargetFacts } from '#libs/rollout/decide';
import { Database } from '#src/hub/database/database';
import { goodTarget, heldBy } from '#src/hub/database/fragments';

export interface DueApplication {
  id: string;
  name: string;
  release: number | null;
  trace_id: string | null;
  authorise_due: number;
}

interface TargetRow {
  cluster: string;
  placed: boolean;
  removal: TargetFacts['removal'];
  release: number | null;
  bundle: Digest | null;
  problem: string | null;
  assigned: boolean;
  assigned_bundle: Digest | null;
  assigned_removal: 'delete' | 'orphan' | null;
  good: boolean;
  cordoned: boolean;
  deregistering: boolean;
  held_by: string | null;
}

@Injectable()
export class RolloutsRepository {
  constructor(private readonly database: Database) {}

  /** Locks one application that waits for a decision until the transaction ends; others skip it. */
  async lockDue(): Promise<DueApplication | undefined> {
    return await this.database.one<DueApplication>(
      `SELECT a.id, a.name, a.release, a.authorise_due, r.trace_id
         FROM applications a
         LEFT JOIN releases r ON r.application_id = a.id AND r.number = a.release
        WHERE a.authorise_done < a.authorise_due
        ORDER BY a.id LIMIT 1
          FOR UPDATE OF a SKIP LOCKED`,
    );
  }

  async targets(applicationId: string): Promise<TargetFacts[]> {
    const rows = await this.database.query<TargetRow>(
      `SELECT t.cluster_id AS cluster, t.placed, t.removal, t.release, encode(t.bundle, 'hex') AS bundle, t.problem,
              s.cluster_id IS NOT NULL AS assigned, encode(s.bundle, 'hex') AS assigned_bundle,
              s.removal AS assigned_removal, ${goodTarget('s', 'st')} AS good,
              c.cordoned, c.lifecycle = 'deregistering' AS deregistering,
              ${heldBy({ application: 'a.name', cluster: 'c.name', region: 'c.region' })} AS held_by
         FROM targets t
         JOIN clusters c ON c.id = t.cluster_id
         JOIN applications a ON a.id = t.application_id
         LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
         LEFT JOIN target_status st ON st.application_id = t.application_id AND st.cluster_id = t.cluster_id
        WHERE t.application_id = $1 AND c.lifecycle <> 'revoked'
        ORDER BY c.name`,
      [applicationId],
    );
    return rows.map(factsOf);
  }

  /**
   * Writes what `decide` authorised, and marks those clusters. A delivery forgets approved deletions, since they named
   * what was to go with another bundle.
   */
  async authorise(applicationId: string, traceId: string, authorisations: readonly Authorisation[]): Promise<void> {
    if (authorisations.length === 0) return;
    await this.database.execute(
      `INSERT INTO assignments (application_id, cluster_id, release, bundle, removal, approved_deletions, trace_id)
       SELECT $1, new.cluster, new.release, decode(new.bundle, 'hex'), new.removal, NULL, $2
         FROM jsonb_to_recordset($3::jsonb) AS new (cluster uuid, release bigint, bundle text, removal text)
       ON CONFLICT (application_id, cluster_id) DO UPDATE
          SET release = coalesce(excluded.release, assignments.release), bundle = excluded.bundle,
              removal = excluded.removal, approved_deletions = NULL, trace_id = excluded.trace_id,
              authorised_at = now(), refused = NULL`,
      [
        applicationId,
        traceId,
        JSON.stringify(
          authorisations.map((step) =>
            step.kind === 'deliver'
              ? { cluster: step.cluster, release: step.release, bundle: step.bundle }
              : { cluster: step.cluster, removal: step.mode },
          ),
        ),
      ],
    );
    await this.markDirty(authorisations.map((step) => step.cluster));
  }

  async markDirty(clusterIds: readonly string[]): Promise<void> {
    await this.database.execute(
      `INSERT INTO roots (cluster_id) SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
       ON CONFLICT (cluster_id) DO UPDATE SET dirty = true WHERE NOT roots.dirty`,
      [clusterIds],
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

function factsOf(row: TargetRow): TargetFacts {
  return {
    cluster: row.cluster,
    placed: row.placed,
    removal: row.removal,
    ...(row.release !== null && row.bundle !== null && row.problem === null
      ? { wanted: { release: row.release, bundle: row.bundle } }
      : {}),
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.assigned ? { assigned: { bundle: row.assigned_bundle, removal: row.assigned_removal } } : {}),
    good: row.good,
    cordoned: row.cordoned,
    deregistering: row.deregistering,
    ...(row.held_by === null ? {} : { heldBy: row.held_by }),
  };
}
