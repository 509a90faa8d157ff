import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import type { Lease } from './leases.repository';

export interface CredentialRow {
  sealed: Buffer;
  version: number;
  expires_at: Date | null;
  rotated_at: Date;
  /** Of the database: its clock wrote the rest. */
  now: Date;
  may_join: boolean;
  agent_key_id: string | null;
}

/** What the holder of a lease reads and writes; writes of a former holder change nothing. */
@Injectable()
export class CredentialsRepository {
  constructor(private readonly database: Database) {}

  async find(clusterId: string): Promise<CredentialRow | undefined> {
    return await this.database.one<CredentialRow>(
      `SELECT h.kubeconfig_sealed AS sealed, h.credential_version AS version, h.expires_at, h.rotated_at, now() AS now,
              h.may_join, c.agent_key_id
         FROM hosted_clusters h JOIN clusters c ON c.id = h.cluster_id WHERE h.cluster_id = $1`,
      [clusterId],
    );
  }

  /** In the place of the credential of that version. Undefined: the lease is lost, or somebody gave another one meanwhile. */
  async replace(
    { clusterId, epoch }: Lease,
    version: number,
    sealed: Buffer,
    life: { issuedAt: Date; expiresAt: Date } | undefined,
  ): Promise<number | undefined> {
    const row = await this.database.one<{ version: number }>(
      `UPDATE hosted_clusters
          SET kubeconfig_sealed = $4, expires_at = $5, rotated_at = coalesce($6, now()), credential_version = $3 + 1
        WHERE cluster_id = $1 AND lease_epoch = $2 AND credential_version = $3
       RETURNING credential_version AS version`,
      [clusterId, epoch, version, sealed, life?.expiresAt ?? null, life?.issuedAt ?? null],
    );
    return row?.version;
  }

  /** The agent has joined: with another key it would need an admin again. */
  async joined({ clusterId, epoch }: Lease): Promise<void> {
    await this.database.execute(
      'UPDATE hosted_clusters SET may_join = false WHERE cluster_id = $1 AND lease_epoch = $2 AND may_join',
      [clusterId, epoch],
    );
  }

  /** Null: nothing is wrong. */
  async tell({ clusterId, epoch }: Lease, message: string | null): Promise<void> {
    await this.database.execute(
      `UPDATE hosted_clusters SET message = $3
        WHERE cluster_id = $1 AND lease_epoch = $2 AND message IS DISTINCT FROM $3`,
      [clusterId, epoch, message],
    );
  }
}
