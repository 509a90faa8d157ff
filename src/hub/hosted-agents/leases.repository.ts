import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

/** A lease that is not renewed for so long is anybody's; whoever held it has stopped its agent before. */
export const leaseTtlMs = 5_000;
const lease = `now() + interval '${leaseTtlMs} milliseconds'`;

/** The right to run the agent of a cluster, until another hub has it: `epoch` rises each time that it changes hands. */
export interface Lease {
  clusterId: string;
  epoch: number;
}

export interface AcquiredLease extends Lease {
  name: string;
}

export interface RenewedLease extends Lease {
  credentialVersion: number;
}

/** How the hubs of one database share hosted clusters, row by row. */
@Injectable()
export class LeasesRepository {
  constructor(private readonly database: Database) {}

  /** Says that this hub hosts, and gives how many clusters are its fair share; all shares together are enough. */
  async share(hub: string): Promise<number> {
    await this.database.execute(
      `INSERT INTO hosting_hubs (hub, seen_until) VALUES ($1, ${lease})
       ON CONFLICT (hub) DO UPDATE SET seen_until = excluded.seen_until`,
      [hub],
    );
    const row = await this.database.one<{ share: number }>(
      `SELECT ceil((SELECT count(*) FROM hosted_clusters)::numeric
                   / greatest(1, (SELECT count(*) FROM hosting_hubs WHERE seen_until > now())))::integer AS share`,
    );
    return row?.share ?? 0;
  }

  /** What is not among the answers is lost, or no longer to be hosted. */
  async renew(hub: string, leases: readonly Lease[]): Promise<RenewedLease[]> {
    return await this.database.query<RenewedLease>(
      `UPDATE hosted_clusters h SET lease_until = ${lease}
         FROM clusters c, unnest($2::uuid[], $3::bigint[]) AS mine(id, epoch)
        WHERE h.cluster_id = mine.id AND h.lease_epoch = mine.epoch AND h.holder = $1
          AND c.id = h.cluster_id AND c.lifecycle <> 'revoked'
       RETURNING h.cluster_id AS "clusterId", h.lease_epoch AS epoch, h.credential_version AS "credentialVersion"`,
      [hub, leases.map(({ clusterId }) => clusterId), leases.map(({ epoch }) => epoch)],
    );
  }

  async acquire(hub: string, limit: number): Promise<AcquiredLease[]> {
    return await this.database.query<AcquiredLease>(
      `WITH free AS (
         SELECT h.cluster_id, c.name FROM hosted_clusters h JOIN clusters c ON c.id = h.cluster_id
          WHERE (h.lease_until IS NULL OR h.lease_until < now()) AND c.lifecycle <> 'revoked'
          ORDER BY h.lease_until NULLS FIRST, h.cluster_id LIMIT $2 FOR UPDATE OF h SKIP LOCKED
       )
       UPDATE hosted_clusters h SET holder = $1, lease_until = ${lease}, lease_epoch = h.lease_epoch + 1
         FROM free WHERE h.cluster_id = free.cluster_id
       RETURNING h.cluster_id AS "clusterId", h.lease_epoch AS epoch, free.name`,
      [hub, limit],
    );
  }

  /** Another hub may have it at once. */
  async release(hub: string, leases: readonly Lease[]): Promise<void> {
    await this.database.execute(
      `UPDATE hosted_clusters h SET holder = NULL, lease_until = NULL
         FROM unnest($2::uuid[], $3::bigint[]) AS mine(id, epoch)
        WHERE h.cluster_id = mine.id AND h.lease_epoch = mine.epoch AND h.holder = $1`,
      [hub, leases.map(({ clusterId }) => clusterId), leases.map(({ epoch }) => epoch)],
    );
  }

  /** This hub hosts no more; the others need not wait for what it held. */
  async leave(hub: string, leases: readonly Lease[]): Promise<void> {
    await this.release(hub, leases);
    await this.database.execute(`DELETE FROM hosting_hubs WHERE hub = $1 OR seen_until < now() - interval '1 minute'`, [
      hub,
    ]);
  }

  /** Of these, the clusters that have left the fleet. */
  async deregistered(clusterIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT asked.id FROM unnest($1::uuid[]) AS asked(id)
        WHERE NOT EXISTS (SELECT 1 FROM clusters c WHERE c.id = asked.id)`,
      [clusterIds],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
