import { Injectable } from '@nestjs/common';
import type { Version } from '#libs/protocol/root';
import { Database } from '#src/hub/database/database';

/** The epoch that the next root of a cluster is of, over hub h and roots r, which may be missing. */
const epochOf = `(CASE WHEN r.generation > 0 THEN r.epoch ELSE h.epoch END)`;

@Injectable()
export class AheadRepository {
  constructor(private readonly database: Database) {}

  async note(clusterId: string, held: Version): Promise<void> {
    await this.database.execute(
      `INSERT INTO agents_ahead AS old (cluster_id, epoch, generation) VALUES ($1, $2, $3)
       ON CONFLICT (cluster_id) DO UPDATE
          SET epoch = excluded.epoch, generation = excluded.generation, seen_at = now()
        WHERE (excluded.epoch, excluded.generation) > (old.epoch, old.generation)`,
      [clusterId, held.epoch, held.generation],
    );
  }

  /** From heartbeats: of agents that cannot be sent anything, and so do not poll with what they hold. */
  async noteHeartbeats(): Promise<void> {
    await this.database.execute(
      `INSERT INTO agents_ahead AS old (cluster_id, epoch, generation)
       SELECT hb.cluster_id, hb.epoch, hb.generation
         FROM heartbeats hb
         JOIN clusters c ON c.id = hb.cluster_id
         LEFT JOIN roots r ON r.cluster_id = hb.cluster_id
        WHERE (hb.epoch, hb.generation) > (coalesce(r.epoch, 0), coalesce(r.generation, 0))
        ORDER BY hb.cluster_id
       ON CONFLICT (cluster_id) DO UPDATE
          SET epoch = excluded.epoch, generation = excluded.generation, seen_at = now()
        WHERE (excluded.epoch, excluded.generation) > (old.epoch, old.generation)`,
    );
  }

  /** Clusters whose agent is ahead within the present epoch. */
  async count(): Promise<number> {
    const row = await this.database.one<{ count: number }>(
      `SELECT count(*)::int AS count
         FROM agents_ahead x CROSS JOIN hub h LEFT JOIN roots r ON r.cluster_id = x.cluster_id
        WHERE x.epoch >= ${epochOf}`,
    );
    return row?.count ?? 0;
  }
}
