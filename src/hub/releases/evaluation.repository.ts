import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { ApplicationSpec } from '#libs/resources/application';
import type { SourceSpec } from '#libs/resources/source';
import { Database } from '#src/hub/database/database';
import { jsonParameter, storableText } from '#src/hub/database/json';
import type { AssembledTarget } from './assemble';

export interface DueApplication {
  id: string;
  name: string;
  spec: ApplicationSpec;
  version: number;
  deleting: boolean;
  evaluate_due: number;
  release: number | null;
  /** Of the newest release. */
  inputs: Digest | null;
  source_id: string;
  source_name: string;
  source_spec: SourceSpec;
  credentials_sealed: Buffer | null;
  commit_id: string | null;
  revision_name: string | null;
  commit_subject: string | null;
  source_trace: string | null;
}

export interface FleetCluster {
  id: string;
  name: string;
  region: string;
  labels: Record<string, string>;
}

export interface EvaluationOutcome {
  state: 'ready' | 'failing' | 'pending';
  message: string | null;
  /** Null: the newest stays. */
  release: number | null;
  /** That it was placed under, if it was. */
  fleetVersion?: number;
}

export interface NewRelease {
  number: number;
  commit: string;
  revisionName: string;
  subject: string;
  treeId: string;
  inputs: Digest;
  traceId: string;
}

const retrySeconds = 15;

@Injectable()
export class EvaluationRepository {
  constructor(private readonly database: Database) {}

  /** Those that wait longest first, but for these ids. */
  async due(limit: number, except: readonly string[]): Promise<DueApplication[]> {
    return await this.database.query<DueApplication>(
      `SELECT a.id, a.name, a.spec, a.version, a.deleting, a.evaluate_due, a.release, encode(r.inputs, 'hex') AS inputs,
              s.id AS source_id, s.name AS source_name, s.spec AS source_spec, s.credentials_sealed, s.commit_id,
              s.revision_name, s.commit_subject, s.trace_id AS source_trace
         FROM applications a
         JOIN sources s ON s.id = a.source_id
         LEFT JOIN releases r ON r.application_id = a.id AND r.number = a.release
        WHERE a.evaluate_done < a.evaluate_due AND a.evaluate_after <= now() AND a.id <> ALL ($2::uuid[])
        ORDER BY a.evaluate_after, a.id LIMIT $1`,
      [limit, except],
    );
  }

  /** Read it before the clusters that an application is placed by. */
  async fleetVersion(): Promise<number> {
    const row = await this.database.one<{ version: number }>('SELECT version FROM fleet_version');
    return row?.version ?? 0;
  }

  /** Clusters that may be targets: those that leave the fleet, or are revoked, are not placed any more. */
  async clusters(): Promise<FleetCluster[]> {
    return await this.database.query<FleetCluster>(
      `SELECT id, name, region, labels FROM clusters WHERE lifecycle IN ('registered', 'joined') ORDER BY name`,
    );
  }

  /**
   * In a transaction. Marks the evaluation as done, unless the application was edited, or another evaluation was stored,
   * since it was read: the release that this one builds on must still be the newest. It stays due where the source or the
   * fleet is another by now: who changes them marks all applications, but not one that is being made meanwhile. Everything
   * else of the evaluation is written in the same transaction, after this.
   */
  async finish(application: DueApplication, outcome: EvaluationOutcome): Promise<boolean> {
    // Waits for changes under way, and is waited for by the next ones, which also lock these before applications.
    const now = await this.database.one<{ commit_id: string | null; version: number }>(
      'SELECT s.commit_id, f.version FROM sources s, fleet_version f WHERE s.id = $1 FOR SHARE',
      [application.source_id],
    );
    const isOld =
      now?.commit_id !== application.commit_id ||
      (outcome.fleetVersion !== undefined && now.version !== outcome.fleetVersion);
    const updated = await this.database.execute(
      `UPDATE applications
          SET evaluate_done = $3, evaluate_due = CASE WHEN $8 THEN greatest(evaluate_due, $3 + 1) ELSE evaluate_due END,
              state = $4, message = $5, release = coalesce($6, release), updated_at = now(),
              evaluate_after = now(),
              failing_since = CASE WHEN $4 = 'failing' THEN coalesce(failing_since, now()) END
        WHERE id = $1 AND version = $2 AND evaluate_done < $3 AND release IS NOT DISTINCT FROM $7::bigint`,
      [
        application.id,
        application.version,
        application.evaluate_due,
        outcome.state,
        outcome.message === null ? null : storableText(outcome.message),
        outcome.release,
        application.release,
        isOld,
      ],
    );
    return updated > 0;
  }

  /** Something that may pass by itself: says so, and tries again; nothing where a later evaluation was stored meanwhile. */
  async putOff(application: DueApplication, message: string): Promise<void> {
    await this.database.execute(
      `UPDATE applications
          SET state = 'failing', message = $2, failing_since = coalesce(failing_since, now()),
              evaluate_after = now() + make_interval(secs => $3)
        WHERE id = $1 AND version = $4 AND evaluate_done < $5`,
      [application.id, storableText(message), retrySeconds, application.version, application.evaluate_due],
    );
  }

  async insertRelease(applicationId: string, release: NewRelease): Promise<void> {
    await this.database.execute(
      `INSERT INTO releases (application_id, number, commit_id, revision_name, commit_subject, tree_id, inputs, trace_id)
       VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), $8)`,
      [
        applicationId,
        release.number,
        release.commit,
        release.revisionName,
        release.subject,
        release.treeId,
        release.inputs,
        release.traceId,
      ],
    );
    await this.database.execute(
      `INSERT INTO rollouts (id, application_id, release, state) VALUES (gen_random_uuid(), $1, $2, 'running')`,
      [applicationId, release.number],
    );
  }

  async insertVariants(applicationId: string, release: number, variants: ReadonlyMap<Digest, Digest>): Promise<void> {
    await this.database.execute(
      `INSERT INTO variants (application_id, release, values_digest, bundle)
       SELECT $1, $2, decode(new.values, 'hex'), decode(new.bundle, 'hex')
         FROM jsonb_to_recordset($3::jsonb) AS new (values text, bundle text)
       ON CONFLICT DO NOTHING`,
      [applicationId, release, JSON.stringify([...variants].map(([values, bundle]) => ({ values, bundle })))],
    );
  }

  /** Writes where the application is placed and what the release wants there; rows that stay the same are not touched. */
  async upsertTargets(applicationId: string, release: number, targets: readonly AssembledTarget[]): Promise<number> {
    return await this.database.execute(
      `INSERT INTO targets AS old (application_id, cluster_id, placed, reason, release, bundle, problem)
       SELECT $1, new.cluster, true, new.reason, CASE WHEN new.problem IS NULL THEN $2::bigint END,
              decode(new.bundle, 'hex'), new.problem
         FROM jsonb_to_recordset($3::jsonb) AS new (cluster uuid, reason text, bundle text, problem text)
         JOIN clusters c ON c.id = new.cluster AND c.lifecycle IN ('registered', 'joined')
        ORDER BY new.cluster
       ON CONFLICT (application_id, cluster_id) DO UPDATE
          SET placed = true, reason = excluded.reason, problem = excluded.problem,
              release = coalesce(excluded.release, old.release), bundle = coalesce(excluded.bundle, old.bundle),
              placed_since = CASE WHEN old.placed THEN old.placed_since ELSE now() END,
              removal = NULL, removal_since = NULL, removal_confirmed_by = NULL
        WHERE (old.placed, old.reason, old.problem, old.removal) IS DISTINCT FROM (true, excluded.reason, excluded.problem, NULL)
           OR (excluded.release IS NOT NULL AND (old.release, old.bundle) IS DISTINCT FROM (excluded.release, excluded.bundle))`,
      [applicationId, release, jsonParameter(targets)],
    );
  }

  /**
   * Targets that are not placed any more. What runs there stays until someone confirms its removal; what never went out
   * is forgotten.
   * @param reasons cluster id → why it is no target any more
   */
  async withdraw(
    applicationId: string,
    placed: readonly string[],
    reasons: ReadonlyMap<string, string>,
  ): Promise<number> {
    const withdrawn = await this.database.execute(
      `UPDATE targets t
          SET placed = false, placed_since = now(), problem = NULL,
              reason = coalesce($3::jsonb->>(t.cluster_id::text), 'the cluster is leaving the fleet'),
              removal = coalesce(t.removal, 'pending'), removal_since = coalesce(t.removal_since, now())
        WHERE t.application_id = $1 AND t.placed AND t.cluster_id <> ALL ($2::uuid[])
          AND EXISTS (SELECT 1 FROM assignments s WHERE s.application_id = t.application_id AND s.cluster_id = t.cluster_id)`,
      [applicationId, placed, JSON.stringify(Object.fromEntries(reasons))],
    );
    const forgotten = await this.database.execute(
      `DELETE FROM targets t
        WHERE t.application_id = $1 AND t.placed AND t.cluster_id <> ALL ($2::uuid[])`,
      [applicationId, placed],
    );
    return withdrawn + forgotten;
  }

  async markAuthoriseDue(applicationId: string): Promise<void> {
    await this.database.execute('UPDATE applications SET authorise_due = authorise_due + 1 WHERE id = $1', [
      applicationId,
    ]);
  }
}
