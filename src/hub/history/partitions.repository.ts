import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

const lock = 4_120_386_421;
/** Longer than this, nothing that folds reports is made to wait behind it; it is tried again. */
const lockTimeoutMs = 2_000;

@Injectable()
export class PartitionsRepository {
  constructor(private readonly database: Database) {}

  /** Makes what is missing of the partitions of today and the days after it. @returns how many were made */
  async make(days: number): Promise<number> {
    return await this.database.transaction(async () => {
      await this.begin();
      const missing = await this.database.query<{ name: string; day: string; next: string }>(
        `SELECT 'target_history_' || to_char(day, 'YYYYMMDD') AS name, to_char(day, 'YYYY-MM-DD') AS day,
                to_char(day + interval '1 day', 'YYYY-MM-DD') AS next
           FROM generate_series(0, $1::int) AS n,
                LATERAL (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') + make_interval(days => n) AS day) AS one
          WHERE to_regclass('target_history_' || to_char(day, 'YYYYMMDD')) IS NULL
            -- Rows of that day are in the partition for the rest already, and stay there.
            AND NOT EXISTS (SELECT FROM target_history_rest r
                             WHERE r.at >= day AT TIME ZONE 'UTC' AND r.at < (day + interval '1 day') AT TIME ZONE 'UTC')`,
        [days],
      );
      for (const { name, day, next } of missing) {
        await this.database.execute(
          `CREATE TABLE ${name} PARTITION OF target_history FOR VALUES FROM ('${day} 00:00+00') TO ('${next} 00:00+00')`,
        );
      }
      return missing.length;
    });
  }

  /** Drops the days that are over for longer than this. @returns how many days and rows went */
  async drop(olderThanSeconds: number): Promise<number> {
    return await this.database.transaction(async () => {
      await this.begin();
      const old = await this.database.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'target_history'::regclass AND c.relname ~ '^target_history_\\d{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1
                <= ((now() - make_interval(secs => $1)) AT TIME ZONE 'UTC')::date`,
        [olderThanSeconds],
      );
      for (const { name } of old) await this.database.execute(`DROP TABLE ${name}`);
      const rest = await this.database.execute(
        'DELETE FROM target_history_rest WHERE at < now() - make_interval(secs => $1)',
        [olderThanSeconds],
      );
      return old.length + rest;
    });
  }

  private async begin(): Promise<void> {
    await this.database.query(`SELECT set_config('lock_timeout', $1, true)`, [`${lockTimeoutMs}`]);
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [lock]);
  }
}
