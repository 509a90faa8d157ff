import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

@Injectable()
export class JoinTokensRepository {
  constructor(private readonly database: Database) {}

  /** The only one that the cluster has from now on: earlier ones are void. */
  async replace(token: { clusterId: string; hash: Buffer; createdBy: string; minutes: number }): Promise<Date> {
    await this.revoke(token.clusterId);
    const row = await this.database.one<{ expires_at: Date }>(
      `INSERT INTO join_tokens (token_hash, cluster_id, created_by, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(mins => $4)) RETURNING expires_at`,
      [token.hash, token.clusterId, token.createdBy, token.minutes],
    );
    if (row === undefined) throw new Error('a join token was not stored');
    return row.expires_at;
  }

  /** As `replace`, for many. */
  async replaceAll(tokens: {
    clusterIds: readonly string[];
    hashes: readonly Buffer[];
    createdBy: string;
    minutes: number;
  }): Promise<Date> {
    await this.database.execute('DELETE FROM join_tokens WHERE cluster_id = ANY($1::uuid[])', [tokens.clusterIds]);
    const row = await this.database.one<{ expires_at: Date }>(
      `WITH inserted AS (
         INSERT INTO join_tokens (token_hash, cluster_id, created_by, expires_at)
         SELECT token_hash, cluster_id, $3, now() + make_interval(mins => $4)
           FROM unnest($1::bytea[], $2::uuid[]) AS t (token_hash, cluster_id)
       ) SELECT now() + make_interval(mins => $4) AS expires_at`,
      [tokens.hashes, tokens.clusterIds, tokens.createdBy, tokens.minutes],
    );
    if (row === undefined) throw new Error('join tokens were not stored');
    return row.expires_at;
  }

  async revoke(clusterId: string): Promise<void> {
    await this.database.execute('DELETE FROM join_tokens WHERE cluster_id = $1', [clusterId]);
  }
}
