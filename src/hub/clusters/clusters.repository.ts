import { Inject, Injectable } from '@nestjs/common';
import type { LabelExpression } from '#libs/placement/selector';
import type { ClusterDeclaration } from '#libs/resources/cluster';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { connectionOf } from '#src/hub/database/fragments';
import type { ClusterRow, LockedCluster } from './clusters.rows';
import type { ClusterQuery } from './clusters.schema';

const lockedColumns =
  'id, name, region, labels, service_account, cordoned, lifecycle, version, joined_at, agent_key_id';

type Parameter = (value: unknown) => string;

@Injectable()
export class ClustersRepository {
  private readonly select: string;

  constructor(
    private readonly database: Database,
    @Inject(HUB_CONFIG) config: HubConfig,
  ) {
    this.select = `
      SELECT * FROM (
        SELECT c.id, c.name, c.region, c.labels, c.service_account, c.cordoned, c.lifecycle, c.agent_key_id, c.joined_at,
               c.cluster_uid, c.facts, c.version, c.created_at, c.updated_at,
               ${connectionOf('c', 'h', config.agents.unknownAfterSeconds)} AS connection,
               h.received_at, greatest(0, extract(epoch FROM now() - h.received_at))::integer AS silent_seconds,
               coalesce(x.message, h.trouble, CASE WHEN k.last_tried_at > now() - interval '1 hour' THEN
                 'a clone tries to be this cluster: its kube-system has UID ' || k.cluster_uid END) AS trouble,
               k.cluster_uid AS clone_uid, k.first_tried_at AS clone_first_at, k.last_tried_at AS clone_last_at,
               h.epoch AS held_epoch, h.generation AS held_generation,
               r.epoch AS current_epoch, r.generation AS current_generation,
               x.cluster_id IS NOT NULL AS hosted
        FROM clusters c
        LEFT JOIN heartbeats h ON h.cluster_id = c.id
        LEFT JOIN roots r ON r.cluster_id = c.id
        LEFT JOIN hosted_clusters x ON x.cluster_id = c.id
        LEFT JOIN LATERAL (SELECT * FROM agent_clones one WHERE one.cluster_id = c.id
                            ORDER BY one.last_tried_at DESC LIMIT 1) k ON true
      ) AS clusters`;
  }

  /** @param regions of the caller's scope; undefined: all */
  async find(name: string, regions?: readonly string[]): Promise<ClusterRow | undefined> {
    return await this.database.one<ClusterRow>(
      `${this.select} WHERE name = $1 AND ($2::text[] IS NULL OR region = ANY($2))`,
      [name, regions ?? null],
    );
  }

  /** By name, after the given one. */
  async list(
    query: Omit<ClusterQuery, 'limit' | 'cursor'>,
    page: { after?: string; limit: number; regions?: readonly string[] },
  ): Promise<ClusterRow[]> {
    const parameters: unknown[] = [];
    const parameter: Parameter = (value) => `$${parameters.push(value)}`;
    const conditions = [
      ...(page.after === undefined ? [] : [`name > ${parameter(page.after)}`]),
      ...(page.regions === undefined ? [] : [`region = ANY(${parameter(page.regions)}::text[])`]),
      ...(query.region === undefined ? [] : [`region = ${parameter(query.region)}`]),
      ...(query.connection === undefined ? [] : [`connection = ${parameter(query.connection)}`]),
      ...(query.cordoned === undefined ? [] : [`cordoned = ${parameter(query.cordoned)}`]),
      ...(query.namePrefix === undefined ? [] : [`starts_with(name, ${parameter(query.namePrefix)})`]),
      ...(query.labelSelector ?? []).map((expression) => labelCondition(expression, parameter)),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return await this.database.query<ClusterRow>(
      `${this.select} ${where} ORDER BY name LIMIT ${parameter(page.limit)}`,
      parameters,
    );
  }

  /** For a change. Not FOR UPDATE: that would wait for, and block, stages that only refer to the cluster. */
  async lock(name: string): Promise<LockedCluster | undefined> {
    return await this.database.one<LockedCluster>(
      `SELECT ${lockedColumns} FROM clusters WHERE name = $1 FOR NO KEY UPDATE`,
      [name],
    );
  }

  async lockById(id: string): Promise<LockedCluster | undefined> {
    return await this.database.one<LockedCluster>(
      `SELECT ${lockedColumns} FROM clusters WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
  }

  /** With its root, which is to be built. False: the name is taken. */
  async insert(id: string, name: string, declaration: ClusterDeclaration): Promise<boolean> {
    const { region, labels, serviceAccount, cordoned } = declaration;
    const inserted = await this.database.execute(
      `INSERT INTO clusters (id, name, region, labels, service_account, cordoned) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (name) DO NOTHING`,
      [id, name, region, labels, serviceAccount, cordoned],
    );
    if (inserted === 0) return false;
    await this.database.execute('INSERT INTO roots (cluster_id) VALUES ($1)', [id]);
    return true;
  }

  async update(id: string, { region, labels, serviceAccount, cordoned }: ClusterDeclaration): Promise<void> {
    await this.database.execute(
      `UPDATE clusters SET region = $2, labels = $3, service_account = $4, cordoned = $5,
              version = version + 1, updated_at = now() WHERE id = $1`,
      [id, region, labels, serviceAccount, cordoned],
    );
  }

  async setLifecycle(id: string, lifecycle: ClusterRow['lifecycle']): Promise<void> {
    await this.database.execute(
      'UPDATE clusters SET lifecycle = $2, version = version + 1, updated_at = now() WHERE id = $1',
      [id, lifecycle],
    );
  }

  /** A revoked cluster may join again: its former key stays refused. */
  async forgetKey(id: string): Promise<void> {
    await this.rememberFormerKey(id);
    await this.database.execute(
      `UPDATE clusters
          SET lifecycle = 'registered', agent_key = NULL, agent_key_id = NULL, next_agent_key = NULL,
              next_agent_key_id = NULL, previous_agent_key = NULL, previous_agent_key_id = NULL, version = version + 1,
              updated_at = now()
        WHERE id = $1`,
      [id],
    );
  }

  /** The row and what hangs on it; its agent's key is remembered as that of a former cluster. */
  async delete(id: string): Promise<void> {
    await this.rememberFormerKey(id);
    await this.database.execute('DELETE FROM heartbeats WHERE cluster_id = $1', [id]);
    // Before the assignments that go with the cluster: the stage that builds roots locks in this order.
    await this.database.execute('DELETE FROM roots WHERE cluster_id = $1', [id]);
    await this.database.execute('DELETE FROM clusters WHERE id = $1', [id]);
  }

  private async rememberFormerKey(id: string): Promise<void> {
    await this.database.execute(
      `INSERT INTO former_agent_keys (key_id, cluster_name)
       SELECT agent_key_id, name FROM clusters WHERE id = $1 AND agent_key_id IS NOT NULL
       ON CONFLICT (key_id) DO UPDATE SET cluster_name = excluded.cluster_name, at = now()`,
      [id],
    );
  }
}

function labelCondition({ key, operator, values = [] }: LabelExpression, parameter: Parameter): string {
  switch (operator) {
    case 'In': {
      // One value: what the index on labels serves.
      if (values.length === 1) return `labels @> ${parameter({ [key]: values[0] })}::jsonb`;
      return `labels ->> ${parameter(key)} = ANY(${parameter(values)}::text[])`;
    }
    case 'NotIn': {
      const value = `labels ->> ${parameter(key)}`;
      return `((${value}) IS NULL OR NOT (${value}) = ANY(${parameter(values)}::text[]))`;
    }
    case 'Exists':
      return `jsonb_exists(labels, ${parameter(key)})`;
    case 'DoesNotExist':
      return `NOT jsonb_exists(labels, ${parameter(key)})`;
  }
}
