import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { batchRows, type Rule } from './rules';

@Injectable()
export class RulesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Whether this hub sweeps now: one of them does in each interval.
   * @param everySeconds the interval
   */
  async claim(everySeconds: number): Promise<boolean> {
    const claimed = await this.database.execute(
      `UPDATE retention_sweeps SET begun_at = now() WHERE begun_at < now() - make_interval(secs => $1)`,
      [everySeconds],
    );
    return claimed > 0;
  }

  /** One batch, in a transaction of its own; what others have locked is left for the next time. */
  async deleteBatch({ table, condition }: Rule, seconds: number): Promise<number> {
    return await this.database.execute(
      `DELETE FROM ${table}
        WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${batchRows} FOR UPDATE SKIP LOCKED))`,
      [seconds],
    );
  }
}
