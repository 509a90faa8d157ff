import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import { Database } from '#src/hub/database/database';

export interface ChangeRow {
  id: number;
  at: Date;
  observed_at: Date;
  release: number | null;
  bundle: Digest | null;
  epoch: number;
  generation: number;
  phase: string;
  health: string;
  health_message: string;
  drifted: number;
}

@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  /** Ids of an application and a cluster by their names, as far as they are visible. */
  async target(
    names: { application: string; cluster: string },
    scope: { applications?: readonly string[]; regions?: readonly string[] },
  ): Promise<{ application: string; cluster: string } | undefined> {
    return await this.database.one<{ application: string; cluster: string }>(
      `SELECT a.id AS application, c.id AS cluster FROM applications a CROSS JOIN clusters c
        WHERE a.name = $1 AND c.name = $2 AND ($3::text[] IS NULL OR a.name = ANY ($3))
          AND ($4::text[] IS NULL OR c.region = ANY ($4))`,
      [names.application, names.cluster, scope.applications ?? null, scope.regions ?? null],
    );
  }

  /** Newest first, below the given id. */
  async list(
    target: { application: string; cluster: string },
    below: number | undefined,
    limit: number,
  ): Promise<ChangeRow[]> {
    return await this.database.query<ChangeRow>(
      `SELECT h.id, h.at, h.observed_at, encode(h.bundle, 'hex') AS bundle, h.epoch, h.generation, h.phase, h.health,
              h.health_message, h.drifted,
              (SELECT max(v.release) FROM variants v
                WHERE v.bundle = h.bundle AND v.application_id = h.application_id) AS release
         FROM target_history h
        WHERE h.application_id = $1 AND h.cluster_id = $2 AND ($3::bigint IS NULL OR h.id < $3)
        ORDER BY h.id DESC LIMIT $4`,
      [target.application, target.cluster, below ?? null, limit],
    );
  }
}
