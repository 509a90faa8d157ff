import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import { Database } from '#src/hub/database/database';

/** Two bundles to compare; null: nothing. */
export interface BundlePair {
  from: Digest | null;
  to: Digest | null;
}

export interface AssignedPair extends BundlePair {
  clusters: string[];
  cluster_count: number;
  from_releases: number[];
  to_releases: number[];
  /** Over all pairs, also those that are not answered. */
  all_clusters: number;
  unchanged_clusters: number;
}

export interface BundleUser {
  bundle: Digest;
  cluster: string;
}

const maxClusterNames = 1_000;

@Injectable()
export class DiffRepository {
  constructor(private readonly database: Database) {}

  /**
   * What is assigned and what is wanted, each pair once with its clusters; equal pairs come last. Of one cluster also
   * where nothing is wanted any more, otherwise only where the application is placed and rendered.
   */
  async assignedWithWanted(
    applicationId: string,
    filter: { cluster?: string; regions?: readonly string[] },
    limit: number,
  ): Promise<AssignedPair[]> {
    return await this.database.query<AssignedPair>(
      `SELECT encode(pair.assigned, 'hex') AS "from", encode(pair.wanted, 'hex') AS "to",
              (array_agg(pair.name ORDER BY pair.name))[1:${maxClusterNames}] AS clusters, count(*)::int AS cluster_count,
              coalesce(jsonb_agg(DISTINCT pair.assigned_release) FILTER (WHERE pair.assigned_release IS NOT NULL), '[]') AS from_releases,
              coalesce(jsonb_agg(DISTINCT pair.wanted_release) FILTER (WHERE pair.wanted_release IS NOT NULL), '[]') AS to_releases,
              (sum(count(*)) OVER ())::int AS all_clusters,
              coalesce(sum(count(*)) FILTER (WHERE pair.assigned IS NOT DISTINCT FROM pair.wanted) OVER (), 0)::int
                AS unchanged_clusters
         FROM (SELECT s.bundle AS assigned, CASE WHEN t.placed THEN t.bundle END AS wanted, c.name,
                      s.release AS assigned_release, CASE WHEN t.placed THEN t.release END AS wanted_release
                 FROM targets t
                 JOIN clusters c ON c.id = t.cluster_id
                 LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
                WHERE t.application_id = $1 AND ($2::text IS NULL OR c.name = $2)
                  AND ($2::text IS NOT NULL OR (t.placed AND t.problem IS NULL AND t.bundle IS NOT NULL))
                  AND ($3::text[] IS NULL OR c.region = ANY ($3))) AS pair
        GROUP BY pair.assigned, pair.wanted
        ORDER BY (pair.assigned IS NOT DISTINCT FROM pair.wanted), count(*) DESC, pair.assigned, pair.wanted
        LIMIT $4`,
      [applicationId, filter.cluster ?? null, filter.regions ?? null, limit],
    );
  }

  /** Placed targets that have no pair since they cannot be rendered. */
  async notRendered(applicationId: string, regions: readonly string[] | undefined): Promise<number> {
    const row = await this.database.one<{ count: number }>(
      `SELECT count(*)::int AS count FROM targets t JOIN clusters c ON c.id = t.cluster_id
        WHERE t.application_id = $1 AND t.placed AND (t.problem IS NOT NULL OR t.bundle IS NULL)
          AND ($2::text[] IS NULL OR c.region = ANY ($2))`,
      [applicationId, regions ?? null],
    );
    return row?.count ?? 0;
  }

  async problemOn(applicationId: string, cluster: string): Promise<string | undefined> {
    const row = await this.database.one<{ problem: string | null }>(
      `SELECT t.problem FROM targets t JOIN clusters c ON c.id = t.cluster_id
        WHERE t.application_id = $1 AND c.name = $2`,
      [applicationId, cluster],
    );
    return row?.problem ?? undefined;
  }

  async hasRelease(applicationId: string, number: number): Promise<boolean> {
    const sql = 'SELECT 1 AS found FROM releases WHERE application_id = $1 AND number = $2';
    return (await this.database.one(sql, [applicationId, number])) !== undefined;
  }

  /** Variants of two releases by the values that they were rendered with; null where one has none for the other's. */
  async releasePairs(applicationId: string, from: number, to: number, limit: number): Promise<BundlePair[]> {
    const variants = (release: string) =>
      `(SELECT values_digest, bundle FROM variants WHERE application_id = $1 AND release = ${release})`;
    return await this.database.query<BundlePair>(
      `SELECT DISTINCT encode(f.bundle, 'hex') AS "from", encode(g.bundle, 'hex') AS "to"
         FROM ${variants('$2')} AS f FULL JOIN ${variants('$3')} AS g USING (values_digest)
        ORDER BY 1, 2 LIMIT $4`,
      [applicationId, from, to, limit],
    );
  }

  /** Clusters that are assigned one of these bundles, or are to have it. */
  async users(
    applicationId: string,
    bundles: readonly Digest[],
    regions: readonly string[] | undefined,
  ): Promise<BundleUser[]> {
    return await this.database.query<BundleUser>(
      `SELECT DISTINCT encode(b.bundle, 'hex') AS bundle, c.name AS cluster
         FROM targets t
         JOIN clusters c ON c.id = t.cluster_id
         LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
        CROSS JOIN LATERAL (VALUES (t.bundle), (s.bundle)) AS b (bundle)
        WHERE t.application_id = $1 AND b.bundle IN (SELECT decode(d, 'hex') FROM unnest($2::text[]) AS d)
          AND ($3::text[] IS NULL OR c.region = ANY ($3))
        ORDER BY c.name`,
      [applicationId, bundles, regions ?? null],
    );
  }
}
