import { type LogAdmin, LogUnavailable } from '../port';
import { type Database } from './database';

const SWEEP_BATCH_RECORDS = 5_000;

interface TopicRow {
  name: string;
  partitions: number;
  retention_ms: string;
}

export async function readTopics(
  database: Database,
  names?: string[],
): Promise<{ name: string; partitions: number }[]> {
  const sql = 'SELECT name, partitions FROM log_topics WHERE $1::text[] IS NULL OR name = ANY ($1)';
  return database.rows<TopicRow>(sql, [names ?? null]);
}

export const noSuchTopic = (topic: string): LogUnavailable =>
  new LogUnavailable(`topic "${topic}" does not exist: create it with ensureTopics`);

export class EmbeddedAdmin implements LogAdmin {
  constructor(private readonly database: Database) {}

  async ensureTopics(topics: { name: string; partitions: number; retentionMs: number }[]): Promise<void> {
    for (const { name, partitions, retentionMs } of topics) {
      await this.database.rows(
        `WITH created AS (
           INSERT INTO log_topics (name, partitions, retention_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name
         )
         INSERT INTO log_partitions (topic, partition) SELECT name, generate_series(0, $2::int - 1) FROM created`,
        [name, partitions, retentionMs],
      );
    }
  }

  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    const rows = await this.database.rows<{ partition: number; next_offset: string }>(
      'SELECT partition, next_offset FROM log_partitions WHERE topic = $1 ORDER BY partition',
      [topic],
    );
    if (rows.length === 0) throw noSuchTopic(topic);
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  }

  async close(): Promise<void> {}
}

/**
 * Deletes what is older than its topic's retention as of `now`, oldest first, in short transactions. Like Kafka it does not
 * ask whether anybody still needs a record: a consumer that is behind by more than the retention goes on with the oldest
 * record that is left. Returns the number of records deleted.
 */
export async function sweepTopics(database: Database, now: Date): Promise<number> {
  const topics = await database.rows<TopicRow>(
    'SELECT name, partitions, retention_ms FROM log_topics ORDER BY name',
    [],
  );
  let deleted = 0;
  for (const { name, partitions, retention_ms } of topics) {
    const cutoff = new Date(now.getTime() - Number(retention_ms));
    for (let partition = 0; partition < partitions; partition++) {
      for (let batch = SWEEP_BATCH_RECORDS; batch === SWEEP_BATCH_RECORDS; deleted += batch) {
        batch = await sweepOldest(database, name, partition, cutoff);
      }
    }
  }
  return deleted;
}

/** Offsets and times rise together, so the oldest records are found by the primary key alone. */
async function sweepOldest(database: Database, topic: string, partition: number, cutoff: Date): Promise<number> {
  const [row] = await database.rows<{ deleted: number }>(
    `WITH oldest AS (
       SELECT "offset", appended_at FROM log_records WHERE topic = $1 AND partition = $2 ORDER BY "offset" LIMIT $4
     ), kept AS (
       SELECT coalesce(min("offset") FILTER (WHERE appended_at >= $3), max("offset") + 1) AS from_offset FROM oldest
     ), deleted AS (
       DELETE FROM log_records
       WHERE topic = $1 AND partition = $2 AND "offset" < (SELECT from_offset FROM kept) RETURNING 1
     ) SELECT count(*)::int AS deleted FROM deleted`,
    [topic, partition, cutoff, SWEEP_BATCH_RECORDS],
  );
  return row!.deleted;
}
