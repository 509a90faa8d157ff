import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

const batchRows = 5_000;
const maxBatches = 200;
const lock = 4_120_386_420;

/** Table → what has had its time. */
const rules: Record<string, string> = {
  idempotency_keys: `created_at < now() - interval '1 day'`,
  join_tokens: `expires_at < now() - interval '7 days'`,
  former_agent_keys: `at < now() - interval '400 days'`,
  api_tokens: `least(expires_at, revoked_at) < now() - interval '90 days'`,
  audit: `at < now() - interval '800 days'`,
};

@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** How many rows of each table went. Another hub that is at it is left to it. */
  async sweep(): Promise<Record<string, number>> {
    const deleted: Record<string, number> = {};
    for (const [table, condition] of Object.entries(rules)) {
      deleted[table] = 0;
      for (let batch = 0; batch < maxBatches; batch += 1) {
        const count = await this.deleteBatch(table, condition);
        deleted[table] += count;
        if (count < batchRows) break;
      }
    }
    return deleted;
  }

  private async deleteBatch(table: string, condition: string): Promise<number> {
    return await this.database.transaction(async () => {
      const row = await this.database.one<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [lock]);
      if (row?.mine !== true) return 0;
      return await this.database.execute(
        `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${batchRows}))`,
      );
    });
  }
}
