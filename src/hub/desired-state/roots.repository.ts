import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { Signed } from '#libs/protocol/signed';
import { Database } from '#src/hub/database/database';

export interface DirtyCluster {
  cluster_id: string;
  name: string;
  service_account: string | null;
  /** Of the root as it is; 0 before the first. */
  epoch: number;
  scopes: Record<string, Digest>;
}

export interface AssignmentRow {
  cluster_id: string;
  application_id: string;
  name: string;
  bundle: Digest | null;
  removal: 'delete' | 'orphan' | null;
  approved_deletions: Digest | null;
  carried_bundle: Digest | null;
  /** Whether any root has said it, and so `carried_bundle` means something. */
  carried: boolean;
  refused: string | null;
  /** Milliseconds. */
  since: number;
}

export interface BuiltRoot {
  cluster: string;
  changed: boolean;
  scopes: Record<string, Digest>;
}

export interface CarriedAssignment {
  application: string;
  cluster: string;
  bundle: Digest | null;
  refused: string | null;
}

export interface RootRow {
  epoch: number;
  generation: number;
  scopes: Record<string, Digest>;
  signed: Signed | null;
  expires_at: Date | null;
  /** Its agent was heard to hold a newer one of this epoch, or a later: see `Ahead`. */
  fenced: boolean;
}

@Injectable()
export class RootsRepository {
  constructor(private readonly database: Database) {}

  /** Locks dirty clusters until the transaction ends, in a fixed order; other hubs skip them. */
  async lockDirty(limit: number): Promise<DirtyCluster[]> {
    const locked = await this.database.query<{ cluster_id: string }>(
      `SELECT cluster_id FROM roots WHERE dirty ORDER BY cluster_id LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [limit],
    );
    // Read only now: beside a row that had to be waited for, the lock's own statement would see other tables as they were.
    return await this.database.query<DirtyCluster>(
      `SELECT r.cluster_id, c.name, c.service_account, r.epoch, r.scopes
         FROM roots r JOIN clusters c ON c.id = r.cluster_id
        WHERE r.cluster_id = ANY ($1::uuid[]) ORDER BY r.cluster_id`,
      [locked.map((row) => row.cluster_id)],
    );
  }

  /** Asked after roots were locked: whoever raises the epoch marks them first, and waits for the lock. */
  async epoch(): Promise<number> {
    const row = await this.database.one<{ epoch: number }>('SELECT epoch FROM hub');
    if (row === undefined) throw new Error('the hub has lost its row (table hub)');
    return row.epoch;
  }

  /** After the epoch was raised, every root is to be signed under it: also those that say what they said before. */
  async markOlderEpochs(epoch: number): Promise<void> {
    await this.database.execute(
      `UPDATE roots SET dirty = true
        WHERE cluster_id IN (SELECT cluster_id FROM roots WHERE epoch < $1 AND generation > 0 AND NOT dirty
                              ORDER BY cluster_id FOR UPDATE)`,
      [epoch],
    );
  }

  async assignments(clusterIds: readonly string[]): Promise<AssignmentRow[]> {
    return await this.database.query<AssignmentRow>(
      `SELECT s.cluster_id, s.application_id, a.name, encode(s.bundle, 'hex') AS bundle, s.removal,
              encode(s.approved_deletions, 'hex') AS approved_deletions,
              encode(s.carried_bundle, 'hex') AS carried_bundle, s.refused,
              s.carried_generation IS NOT NULL AS carried,
              (extract(epoch FROM s.authorised_at) * 1000)::bigint AS since
         FROM assignments s JOIN applications a ON a.id = s.application_id
        WHERE s.cluster_id = ANY ($1::uuid[])
        ORDER BY s.cluster_id, s.application_id`,
      [clusterIds],
    );
  }

  /** The generation rises only where the content changed; an old signature goes with the old content. */
  async storeRoots(epoch: number, roots: readonly BuiltRoot[]): Promise<void> {
    await this.database.execute(
      `UPDATE roots r
          SET dirty = false, built_at = now(),
              epoch = CASE WHEN new.changed THEN greatest($1, r.epoch) ELSE r.epoch END,
              generation = r.generation + new.changed::int,
              scopes = CASE WHEN new.changed THEN new.scopes ELSE r.scopes END,
              signed = CASE WHEN new.changed THEN NULL ELSE r.signed END,
              expires_at = CASE WHEN new.changed THEN NULL ELSE r.expires_at END
         FROM jsonb_to_recordset($2::jsonb) AS new (cluster uuid, changed boolean, scopes jsonb)
        WHERE r.cluster_id = new.cluster`,
      [epoch, JSON.stringify(roots)],
    );
  }

  /** Notes what the roots now say of each assignment; `carried_generation` is that of the first root that said it. */
  async storeCarried(assignments: readonly CarriedAssignment[]): Promise<void> {
    await this.database.execute(
      `UPDATE assignments s
          SET refused = new.refused,
              carried_epoch = CASE WHEN same.same THEN s.carried_epoch ELSE r.epoch END,
              carried_generation = CASE WHEN same.same THEN s.carried_generation ELSE r.generation END,
              carried_bundle = CASE WHEN new.refused IS NULL THEN decode(new.bundle, 'hex') ELSE s.carried_bundle END
         FROM jsonb_to_recordset($1::jsonb) AS new (application uuid, cluster uuid, bundle text, refused text)
         JOIN roots r ON r.cluster_id = new.cluster
        CROSS JOIN LATERAL (
          SELECT old.carried_generation IS NOT NULL
                 AND (new.refused IS NOT NULL OR old.carried_bundle IS NOT DISTINCT FROM decode(new.bundle, 'hex')) AS same
            FROM assignments old WHERE old.application_id = new.application AND old.cluster_id = new.cluster
        ) AS same
        WHERE s.application_id = new.application AND s.cluster_id = new.cluster`,
      [JSON.stringify(assignments)],
    );
  }

  async find(clusterId: string): Promise<RootRow | undefined> {
    return await this.database.one<RootRow>(
      `SELECT epoch, generation, scopes, signed, expires_at,
              EXISTS (SELECT FROM agents_ahead x WHERE x.cluster_id = r.cluster_id AND x.epoch >= r.epoch) AS fenced
         FROM roots r WHERE cluster_id = $1 AND generation > 0`,
      [clusterId],
    );
  }

  /** Keeps the signature for the next reader, unless the root has changed meanwhile. */
  async storeSignature(clusterId: string, root: RootRow, signed: Signed, expiresAt: Date): Promise<void> {
    await this.database.execute(
      `UPDATE roots SET signed = $4, expires_at = $5
        WHERE cluster_id = $1 AND epoch = $2 AND generation = $3`,
      [clusterId, root.epoch, root.generation, JSON.stringify(signed), expiresAt],
    );
  }

  /** Application id → id that follows its commit. */
  async traces(clusterId: string, applicationIds: readonly string[]): Promise<Record<string, string>> {
    const rows = await this.database.query<{ application_id: string; trace_id: string }>(
      `SELECT application_id, trace_id FROM assignments
        WHERE cluster_id = $1 AND application_id = ANY ($2::uuid[])`,
      [clusterId, applicationIds],
    );
    return Object.fromEntries(rows.map((row) => [row.application_id, row.trace_id]));
  }
}
