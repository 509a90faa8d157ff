import { Injectable } from '@nestjs/common';
import type { Offsets } from '#libs/reports/sight';
import { Database } from '#src/hub/database/database';

@Injectable()
export class LogSightRepository {
  constructor(private readonly database: Database) {}

  async now(): Promise<Date> {
    const row = await this.database.one<{ now: Date }>('SELECT now() AS now');
    return row?.now ?? new Date();
  }

  /** What the hubs together have taken in. */
  async folded(): Promise<Offsets> {
    const rows = await this.database.query<{ partition: string; next_offset: number }>(
      `SELECT topic || '/' || partition AS partition, next_offset FROM log_offsets WHERE consumer = 'fold'`,
    );
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  }

  async raise(seenUntil: Date): Promise<void> {
    await this.database.execute(
      `INSERT INTO log_sight AS old (sight_at) VALUES ($1)
       ON CONFLICT (singleton) DO UPDATE SET sight_at = excluded.sight_at WHERE excluded.sight_at > old.sight_at`,
      [seenUntil],
    );
  }
}
