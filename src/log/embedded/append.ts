import { partitionOf } from '../partitioner';
import { type LogMessage } from '../port';
import { type Database } from './database';
import { noSuchTopic } from './topics';

/**
 * Appends in one transaction. The rows of the partitions are locked first, in order, and until the commit, so the offsets
 * of a partition become visible in their order and without gaps.
 */
export async function append(
  database: Database,
  topic: string,
  partitions: number,
  messages: readonly LogMessage[],
): Promise<void> {
  const placed = messages.map(({ key }) => partitionOf(key, partitions));
  const touched = [...new Set(placed)].sort((a, b) => a - b);
  await database.transaction(async (run) => {
    const { rowCount } = await run(
      'SELECT FROM log_partitions WHERE topic = $1 AND partition = ANY ($2::int[]) ORDER BY partition FOR UPDATE',
      [topic, touched],
    );
    if (rowCount !== touched.length) throw noSuchTopic(topic);
    // A statement of its own: its snapshot is taken after the locks, so it sees what the transactions before have committed.
    await run(
      `WITH input AS (
         SELECT partition, key, value, headers, row_number() OVER (PARTITION BY partition ORDER BY position) AS nth
         FROM unnest($2::int[], $3::text[], $4::bytea[], $5::jsonb[])
              WITH ORDINALITY AS i (partition, key, value, headers, position)
       ), taken AS (
         UPDATE log_partitions p SET next_offset = p.next_offset + c.records
         FROM (SELECT partition, max(nth) AS records FROM input GROUP BY partition) c
         WHERE p.topic = $1 AND p.partition = c.partition
         RETURNING p.partition, p.next_offset - c.records AS first_offset
       )
       INSERT INTO log_records (topic, partition, "offset", key, value, headers, appended_at)
       SELECT $1, i.partition, t.first_offset + i.nth - 1, i.key, i.value, i.headers, statement_timestamp()
       FROM input i JOIN taken t USING (partition)`,
      [
        topic,
        placed,
        messages.map(({ key }) => key),
        messages.map(({ value }) => value),
        messages.map(({ headers }) => headers && JSON.stringify(headers)),
      ],
    );
  });
}
