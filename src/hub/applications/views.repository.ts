import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

export interface ExplainedCluster {
  name: string;
  region: string;
  labels: Record<string, string>;
  lifecycle: 'registered' | 'joined' | 'deregistering' | 'revoked';
}

export interface ReleaseRow {
  number: number;
  commit_id: string;
  revision_name: string;
  commit_subject: string;
  trace_id: string;
  created_at: Date;
  variants: number;
  rollout_state: 'running' | 'completed' | 'superseded' | null;
  started_at: Date | null;
  ended_at: Date | null;
}

@Injectable()
export class ViewsRepository {
  constructor(private readonly database: Database) {}

  /** By name, after the given one. */
  async clusters(
    filter: { cluster?: string; region?: string; regions?: readonly string[] },
    after: string | undefined,
    limit: number,
  ): Promise<ExplainedCluster[]> {
    return await this.database.query<ExplainedCluster>(
      `SELECT name, region, labels, lifecycle FROM clusters
        WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR region = $2)
          AND ($3::text[] IS NULL OR region = ANY ($3)) AND ($4::text IS NULL OR name > $4)
        ORDER BY name LIMIT $5`,
      [filter.cluster ?? null, filter.region ?? null, filter.regions ?? null, after ?? null, limit],
    );
  }

  /** Newest first, below the given number. */
  async releases(applicationId: string, below: number | undefined, limit: number): Promise<ReleaseRow[]> {
    return await this.database.query<ReleaseRow>(
      `SELECT r.number, r.commit_id, r.revision_name, r.commit_subject, r.trace_id, r.created_at,
              (SELECT count(DISTINCT v.bundle)::int FROM variants v
                WHERE v.application_id = r.application_id AND v.release = r.number) AS variants,
              o.state AS rollout_state, o.started_at, o.ended_at
         FROM releases r
         LEFT JOIN rollouts o ON o.application_id = r.application_id AND o.release = r.number
        WHERE r.application_id = $1 AND ($2::bigint IS NULL OR r.number < $2)
        ORDER BY r.number DESC LIMIT $3`,
      [applicationId, below ?? null, limit],
    );
  }
}
