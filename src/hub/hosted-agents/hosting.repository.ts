import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import type { HostedRow } from './hosting.schema';

export interface HostableCluster {
  id: string;
  name: string;
  region: string;
  lifecycle: 'registered' | 'joined' | 'deregistering' | 'revoked';
}

export interface NewCredential {
  sealed: Buffer;
  server: string;
  serviceAccount: string;
  life?: { issuedAt: Date; expiresAt: Date };
  mayJoin: boolean;
}

/** Hosted clusters as the API has them. */
@Injectable()
export class HostingRepository {
  constructor(private readonly database: Database) {}

  async cluster(name: string): Promise<HostableCluster | undefined> {
    return await this.database.one('SELECT id, name, region, lifecycle FROM clusters WHERE name = $1', [name]);
  }

  async lockCluster(name: string): Promise<HostableCluster | undefined> {
    return await this.database.one(
      'SELECT id, name, region, lifecycle FROM clusters WHERE name = $1 FOR NO KEY UPDATE',
      [name],
    );
  }

  async find(clusterId: string): Promise<HostedRow | undefined> {
    return await this.database.one(
      `SELECT c.name, h.server, h.service_account, h.expires_at, h.rotated_at, h.message,
              coalesce(h.lease_until > now(), false) AS is_held
         FROM hosted_clusters h JOIN clusters c ON c.id = h.cluster_id WHERE h.cluster_id = $1`,
      [clusterId],
    );
  }

  /** The credential that is used from now on; whoever holds the lease keeps it. */
  async store(clusterId: string, { sealed, server, serviceAccount, life, mayJoin }: NewCredential): Promise<void> {
    await this.database.execute(
      `INSERT INTO hosted_clusters AS h
              (cluster_id, kubeconfig_sealed, server, service_account, expires_at, rotated_at, may_join)
       VALUES ($1, $2, $3, $4, $5, coalesce($6, now()), $7)
       ON CONFLICT (cluster_id) DO UPDATE
          SET kubeconfig_sealed = excluded.kubeconfig_sealed, server = excluded.server,
              service_account = excluded.service_account, expires_at = excluded.expires_at,
              rotated_at = excluded.rotated_at, may_join = h.may_join OR excluded.may_join,
              credential_version = h.credential_version + 1, message = NULL`,
      [clusterId, sealed, server, serviceAccount, life?.expiresAt ?? null, life?.issuedAt ?? null, mayJoin],
    );
  }

  /** False: it was not hosted. */
  async delete(clusterId: string): Promise<boolean> {
    return (await this.database.execute('DELETE FROM hosted_clusters WHERE cluster_id = $1', [clusterId])) > 0;
  }
}
