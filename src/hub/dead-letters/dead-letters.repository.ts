import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

export interface DeadLetterRow {
  topic: string;
  partition: number;
  offset: number;
  key: string | null;
  /** The first bytes. */
  value: Buffer;
  size_bytes: number;
  reason: string;
  at: Date;
}

export type DeadLetterKey = readonly [topic: string, partition: number, offset: number];

const shownBytes = 2_000;

@Injectable()
export class DeadLettersRepository {
  constructor(private readonly database: Database) {}

  /** By where they stood in the log, newest first within a partition. */
  async list(topic: string | undefined, after: DeadLetterKey | undefined, limit: number): Promise<DeadLetterRow[]> {
    const [afterTopic, afterPartition, afterOffset] = after ?? [null, null, null];
    return await this.database.query<DeadLetterRow>(
      `SELECT topic, partition, "offset", key, substring(value FROM 1 FOR ${shownBytes}) AS value,
              octet_length(value) AS size_bytes, reason, at
         FROM dead_letters
        WHERE ($1::text IS NULL OR topic = $1)
          AND ($2::text IS NULL OR (topic, partition, "offset") < ($2, $3::int, $4::bigint))
        ORDER BY topic DESC, partition DESC, "offset" DESC LIMIT $5`,
      [topic ?? null, afterTopic, afterPartition, afterOffset, limit],
    );
  }
}
