import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

export interface AgentCluster {
  id: string;
  name: string;
  region: string;
  lifecycle: 'registered' | 'joined' | 'deregistering' | 'revoked';
  agent_key: string | null;
  agent_key_id: string | null;
  cluster_uid: string | null;
  /** Told under the present key; in force as soon as it is used. */
  next_agent_key: string | null;
  next_agent_key_id: string | null;
  previous_agent_key_id: string | null;
}

const columns =
  'id, name, region, lifecycle, agent_key, agent_key_id, cluster_uid, next_agent_key, next_agent_key_id, ' +
  'previous_agent_key_id';
/** Remembered for each cluster. */
const maxClones = 5;
/** Reports that an agent signed with its former key are still on their way. */
const formerKeyReports = `interval '10 minutes'`;

@Injectable()
export class AgentsRepository {
  constructor(private readonly database: Database) {}

  async find(clusterId: string): Promise<AgentCluster | undefined> {
    return await this.database.one<AgentCluster>(`SELECT ${columns} FROM clusters WHERE id = $1`, [clusterId]);
  }

  async findForUpdate(clusterId: string): Promise<AgentCluster | undefined> {
    return await this.database.one<AgentCluster>(`SELECT ${columns} FROM clusters WHERE id = $1 FOR UPDATE`, [
      clusterId,
    ]);
  }

  /** Whether this key belonged to a cluster that has left the fleet, or was revoked. */
  async isFormerKey(keyId: string): Promise<boolean> {
    return (await this.database.one('SELECT 1 FROM former_agent_keys WHERE key_id = $1', [keyId])) !== undefined;
  }

  async joinToken(
    hash: Buffer,
    clusterId: string,
  ): Promise<{ expired: boolean; used_by_key_id: string | null } | undefined> {
    return await this.database.one(
      `SELECT expires_at <= now() AS expired, used_by_key_id
         FROM join_tokens WHERE token_hash = $1 AND cluster_id = $2 FOR UPDATE`,
      [hash, clusterId],
    );
  }

  async useJoinToken(hash: Buffer, keyId: string): Promise<void> {
    await this.database.execute('UPDATE join_tokens SET used_at = now(), used_by_key_id = $2 WHERE token_hash = $1', [
      hash,
      keyId,
    ]);
  }

  async setKey(clusterId: string, publicKey: string, keyId: string, clusterUid: string): Promise<void> {
    await this.database.execute(
      `UPDATE clusters
          SET lifecycle = CASE WHEN lifecycle = 'registered' THEN 'joined' ELSE lifecycle END,
              agent_key = $2, agent_key_id = $3, next_agent_key = NULL, next_agent_key_id = NULL,
              previous_agent_key = NULL, previous_agent_key_id = NULL, cluster_uid = $4, joined_at = now(), updated_at = now(),
              version = version + 1
        WHERE id = $1`,
      [clusterId, publicKey, keyId, clusterUid],
    );
  }

  async setNextKey(clusterId: string, publicKey: string, keyId: string): Promise<void> {
    await this.database.execute('UPDATE clusters SET next_agent_key = $2, next_agent_key_id = $3 WHERE id = $1', [
      clusterId,
      publicKey,
      keyId,
    ]);
  }

  async isKeyTaken(keyId: string): Promise<boolean> {
    const taken = await this.database.one(
      `SELECT 1 FROM clusters WHERE $1 IN (agent_key_id, next_agent_key_id, previous_agent_key_id)
       UNION ALL SELECT 1 FROM former_agent_keys WHERE key_id = $1`,
      [keyId],
    );
    return taken !== undefined;
  }

  /** @returns false when it is not the next key any more: somebody was faster */
  async promoteKey(clusterId: string, keyId: string): Promise<boolean> {
    const promoted = await this.database.execute(
      `UPDATE clusters
          SET previous_agent_key = agent_key, previous_agent_key_id = agent_key_id,
              previous_agent_key_until = now() + ${formerKeyReports},
              agent_key = next_agent_key, agent_key_id = next_agent_key_id,
              next_agent_key = NULL, next_agent_key_id = NULL
        WHERE id = $1 AND next_agent_key_id = $2`,
      [clusterId, keyId],
    );
    return promoted > 0;
  }

  /** @returns true when this clone was not seen in the last day: it is worth a row of the audit */
  async noteClone(clusterId: string, clusterUid: string): Promise<boolean> {
    const row = await this.database.one<{ isNews: boolean }>(
      `WITH before AS (SELECT last_tried_at FROM agent_clones WHERE cluster_id = $1 AND cluster_uid = $2)
       INSERT INTO agent_clones (cluster_id, cluster_uid) VALUES ($1, $2)
       ON CONFLICT (cluster_id, cluster_uid) DO UPDATE SET last_tried_at = now()
       RETURNING NOT EXISTS (SELECT 1 FROM before WHERE last_tried_at > now() - interval '1 day') AS "isNews"`,
      [clusterId, clusterUid],
    );
    await this.database.execute(
      `DELETE FROM agent_clones WHERE cluster_id = $1 AND cluster_uid NOT IN
         (SELECT cluster_uid FROM agent_clones WHERE cluster_id = $1 ORDER BY last_tried_at DESC LIMIT ${maxClones})`,
      [clusterId],
    );
    return row?.isNews === true;
  }

  /** Another key is another agent, whose sessions count from the beginning: what the former one said is void. */
  async forgetTold(clusterId: string): Promise<void> {
    for (const table of [
      'agent_sessions',
      'heartbeats',
      'cluster_reports',
      'target_status',
      'agents_ahead',
      'agent_clones',
    ]) {
      await this.database.execute(`DELETE FROM ${table} WHERE cluster_id = $1`, [clusterId]);
    }
  }

  /** @returns false when this session, or a later one, was opened with another key: the caller is a clone or a ghost */
  async openSession(clusterId: string, session: number, keySealed: Buffer): Promise<boolean> {
    const opened = await this.database.execute(
      `INSERT INTO agent_sessions (cluster_id, session, key_sealed)
       SELECT $1, $2, $3
        WHERE NOT EXISTS (SELECT 1 FROM agent_sessions WHERE cluster_id = $1 AND session > $2)
       ON CONFLICT (cluster_id, session) DO UPDATE SET key_sealed = excluded.key_sealed, opened_at = now()`,
      [clusterId, session, keySealed],
    );
    await this.database.execute('DELETE FROM agent_sessions WHERE cluster_id = $1 AND session < $2 - 1', [
      clusterId,
      session,
    ]);
    return opened > 0;
  }

  async isSessionOpen(clusterId: string, session: number): Promise<boolean> {
    const row = await this.database.one('SELECT 1 FROM agent_sessions WHERE cluster_id = $1 AND session = $2', [
      clusterId,
      session,
    ]);
    return row !== undefined;
  }

  /** Holds in force as they bear on one cluster. */
  async holds(
    clusterId: string,
  ): Promise<{ version: number; cluster: boolean; reason: string | null; applications: string[] }> {
    const row = await this.database.one<{
      version: number;
      cluster: boolean | null;
      reason: string | null;
      applications: string[] | null;
    }>(
      `SELECT (SELECT hold_version FROM hub) AS version,
              bool_or(h.scope <> 'application') AS cluster,
              min(h.reason) AS reason,
              array_agg(a.id::text ORDER BY a.id) FILTER (WHERE a.id IS NOT NULL) AS applications
         FROM clusters c
         JOIN holds h ON h.released_at IS NULL
          AND (h.scope IN ('fleet', 'application') OR (h.scope = 'region' AND h.scope_name = c.region)
            OR (h.scope = 'cluster' AND h.scope_name = c.name))
         LEFT JOIN applications a ON h.scope = 'application' AND a.name = h.scope_name
        WHERE c.id = $1`,
      [clusterId],
    );
    return {
      version: row?.version ?? 0,
      cluster: row?.cluster ?? false,
      reason: row?.reason ?? null,
      applications: row?.applications ?? [],
    };
  }

  /** Whether the digest is reachable from what this cluster is assigned: knowing a digest is no permission. */
  async mayRead(clusterId: string, digest: string): Promise<boolean> {
    const row = await this.database.one<{ may: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM roots WHERE cluster_id = $1
                         AND $2 IN (SELECT value FROM jsonb_each_text(scopes)))
           OR EXISTS (SELECT 1 FROM assignments WHERE cluster_id = $1
                         AND decode($2, 'hex') IN (bundle, carried_bundle, approved_deletions)) AS may`,
      [clusterId, digest],
    );
    return row?.may ?? false;
  }

  async bundlesOf(clusterId: string): Promise<string[]> {
    const rows = await this.database.query<{ bundle: string }>(
      `SELECT DISTINCT encode(b, 'hex') AS bundle
         FROM assignments, unnest(ARRAY[bundle, carried_bundle]) AS b WHERE cluster_id = $1 AND b IS NOT NULL`,
      [clusterId],
    );
    return rows.map((row) => row.bundle);
  }
}
