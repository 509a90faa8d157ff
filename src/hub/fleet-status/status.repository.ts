import { Inject, Injectable } from '@nestjs/common';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { blindSince, connectionOf, targetCounts, targetState, targetTables } from '#src/hub/database/fragments';
import type { FleetStatus } from './status.schema';

/** Names; undefined: all. */
export interface StatusScope {
  regions?: readonly string[];
  applications?: readonly string[];
}

interface CountsRow extends Pick<FleetStatus, 'clusters' | 'targets' | 'sources' | 'applications'> {
  as_of: Date;
  blind_since: Date | null;
}

@Injectable()
export class StatusRepository {
  private readonly sql: string;

  constructor(
    private readonly database: Database,
    @Inject(HUB_CONFIG) config: HubConfig,
  ) {
    const { unknownAfterSeconds } = config.agents;
    const visibleCluster = '($1::text[] IS NULL OR c.region = ANY ($1))';
    const visibleApplication = '($2::text[] IS NULL OR a.name = ANY ($2))';
    // One statement, so that all counts are of one moment.
    this.sql = `
      SELECT now() AS as_of, ${blindSince(unknownAfterSeconds)} AS blind_since,
        (SELECT to_jsonb(counts) FROM (
          SELECT count(*)::int AS total, count(*) FILTER (WHERE connection = 'online')::int AS online,
                 count(*) FILTER (WHERE connection = 'pending')::int AS pending,
                 count(*) FILTER (WHERE connection = 'unknown')::int AS unknown
            FROM (SELECT ${connectionOf('c', 'hb', unknownAfterSeconds)} AS connection
                    FROM clusters c LEFT JOIN heartbeats hb ON hb.cluster_id = c.id WHERE ${visibleCluster}) AS each
        ) AS counts) AS clusters,
        (SELECT to_jsonb(counts) FROM (
          SELECT ${targetCounts}
            FROM (SELECT ${targetState(unknownAfterSeconds)} AS state FROM ${targetTables}
                   WHERE ${visibleCluster} AND ${visibleApplication}) AS each
        ) AS counts) AS targets,
        (SELECT to_jsonb(counts) FROM (
          SELECT count(*)::int AS total, count(*) FILTER (WHERE state = 'failing')::int AS failing FROM sources
        ) AS counts) AS sources,
        (SELECT to_jsonb(counts) FROM (
          SELECT count(*)::int AS total, count(*) FILTER (WHERE a.deleting)::int AS deleting,
                 count(*) FILTER (WHERE NOT a.deleting AND a.state = 'failing')::int AS failing,
                 count(*) FILTER (WHERE NOT a.deleting AND a.state = 'pending')::int AS pending,
                 count(*) FILTER (WHERE NOT a.deleting AND a.state = 'ready')::int AS ready
            FROM applications a WHERE ${visibleApplication}
        ) AS counts) AS applications`;
  }

  async counts({ regions, applications }: StatusScope): Promise<CountsRow> {
    const row = await this.database.one<CountsRow>(this.sql, [regions ?? null, applications ?? null]);
    if (row === undefined) throw new Error('counting gave no row');
    return row;
  }
}
