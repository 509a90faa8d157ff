import { type TopicPartition } from '../partitions';
import { type LogRecord } from '../port';
import { type PartitionSource } from '../reader';
import { type Database } from './database';
import { type Ends } from './ends';

/** Values in one read, beside the first record. */
const READ_BYTES = 4 * 1024 * 1024;

interface RecordRow {
  next_offset: string;
  offset: string | null;
  key: string;
  value: Buffer;
  headers: Record<string, string> | null;
  appended_at: Date;
}

/** The end of the partition and the records come from one statement, so from one snapshot. */
const READ = `
  SELECT p.next_offset, r.* FROM log_partitions p LEFT JOIN LATERAL (
    SELECT "offset", key, value, headers, appended_at FROM (
      SELECT *, sum(octet_length(value)) OVER (ORDER BY "offset") - octet_length(value) AS bytes_before FROM (
        SELECT * FROM log_records
        WHERE topic = p.topic AND partition = p.partition AND "offset" >= $3 ORDER BY "offset" LIMIT $4
      ) AS first_records
    ) AS counted WHERE bytes_before < $5
  ) r ON true
  WHERE p.topic = $1 AND p.partition = $2 ORDER BY r."offset"`;

export function embeddedSource(
  database: Database,
  ends: Ends,
  assigned: TopicPartition,
  maxBatchRecords: number,
): PartitionSource {
  return {
    async read(position) {
      const values = [assigned.topic, assigned.partition, position.toString(), maxBatchRecords, READ_BYTES];
      const rows = await database.rows<RecordRow>(READ, values);
      const nextOffset = BigInt(rows[0]?.next_offset ?? 0);
      return { records: rows.filter(({ offset }) => offset !== null).map(toRecord), nextOffset };
    },
    wait: (position, signal) => ends.beyond(assigned, position, signal),
  };
}

const toRecord = ({ offset, key, value, headers, appended_at }: RecordRow): LogRecord => ({
  offset: BigInt(offset!),
  key,
  value,
  appendedAt: appended_at,
  ...(headers && { headers }),
});
