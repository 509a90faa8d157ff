import { type GroupMember, type TopicPartition } from '../partitions';
import { type Database } from './database';

export interface Lease extends TopicPartition {
  epoch: bigint;
}

interface LeaseRow {
  topic: string;
  partition: number;
  epoch: string;
}

/** The leases of one member of a group, in one statement each. All times are the database's. */
export class Leases {
  constructor(
    private readonly database: Database,
    private readonly group: string,
    private readonly member: string,
    private readonly ttlMs: number,
  ) {}

  /** Says that this member lives; true when it was not known before. */
  async join(topics: string[]): Promise<boolean> {
    const [row] = await this.database.rows<{ created: boolean }>(
      `INSERT INTO log_members ("group", member, topics, expires_at)
       VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
       ON CONFLICT ("group", member) DO UPDATE SET topics = excluded.topics, expires_at = excluded.expires_at
       RETURNING xmax = 0 AS created`,
      [this.group, this.member, topics, this.ttlMs],
    );
    return row!.created;
  }

  async leave(): Promise<void> {
    await this.database.rows('DELETE FROM log_members WHERE "group" = $1 AND member = $2', [this.group, this.member]);
  }

  /** The members of the group that live; the dead ones are deleted. */
  async living(): Promise<GroupMember[]> {
    await this.database.rows(
      `DELETE FROM log_members WHERE ("group", member) IN (
         SELECT "group", member FROM log_members WHERE "group" = $1 AND expires_at < clock_timestamp()
         FOR UPDATE SKIP LOCKED)`,
      [this.group],
    );
    return this.database.rows<GroupMember>(
      'SELECT member AS id, topics FROM log_members WHERE "group" = $1 AND expires_at >= clock_timestamp()',
      [this.group],
    );
  }

  /** Takes those that are free, or whose lease has ended. */
  async take(wanted: TopicPartition[]): Promise<Lease[]> {
    if (wanted.length === 0) return [];
    return this.leases(
      `INSERT INTO log_assignments AS a ("group", topic, partition, member, expires_at, epoch)
       SELECT $1, topic, partition, $2, clock_timestamp() + $3 * interval '1 millisecond', 1
       FROM unnest($4::text[], $5::int[]) AS w (topic, partition) ORDER BY topic, partition
       ON CONFLICT ("group", topic, partition)
       DO UPDATE SET member = excluded.member, expires_at = excluded.expires_at, epoch = a.epoch + 1
       WHERE a.expires_at < clock_timestamp()
       RETURNING a.topic, a.partition, a.epoch`,
      [this.group, this.member, this.ttlMs, ...columns(wanted)],
    );
  }

  /** Extends those that nobody else has taken since; the others are missing from the answer. */
  async renew(held: Lease[]): Promise<Lease[]> {
    if (held.length === 0) return [];
    return this.leases(
      `UPDATE log_assignments a SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       FROM unnest($4::text[], $5::int[], $6::bigint[]) AS h (topic, partition, epoch)
       WHERE a."group" = $1 AND a.member = $2 AND a.topic = h.topic AND a.partition = h.partition AND a.epoch = h.epoch
       RETURNING a.topic, a.partition, a.epoch`,
      [this.group, this.member, this.ttlMs, ...columns(held), held.map(({ epoch }) => epoch.toString())],
    );
  }

  async release({ topic, partition, epoch }: Lease): Promise<void> {
    await this.database.rows(
      `UPDATE log_assignments SET expires_at = '-infinity'
       WHERE "group" = $1 AND member = $2 AND topic = $3 AND partition = $4 AND epoch = $5`,
      [this.group, this.member, topic, partition, epoch.toString()],
    );
  }

  private async leases(sql: string, values: unknown[]): Promise<Lease[]> {
    const rows = await this.database.rows<LeaseRow>(sql, values);
    return rows.map(({ topic, partition, epoch }) => ({ topic, partition, epoch: BigInt(epoch) }));
  }
}

const columns = (partitions: TopicPartition[]): unknown[] => [
  partitions.map(({ topic }) => topic),
  partitions.map(({ partition }) => partition),
];
