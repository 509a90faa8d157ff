import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

@Injectable()
export class CacheSweepRepository {
  constructor(private readonly database: Database) {}

  /** Those of these ids that no source has. */
  async unknown(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT one.id FROM unnest($1::text[]) AS one (id)
        WHERE NOT EXISTS (SELECT FROM sources s WHERE s.id::text = one.id)`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }
}
