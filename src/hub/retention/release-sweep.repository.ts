import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import type { RetentionSettings } from './settings';

/** Each may have ten thousand variants, which go with it. */
export const releasesPerBatch = 5;

/** Old and not among the newest, over releases r and applications a. */
const hasHadItsTime = `r.number <= a.release - $1 AND r.created_at < now() - make_interval(secs => $2)`;

@Injectable()
export class ReleaseSweepRepository {
  constructor(private readonly database: Database) {}

  async applications({ releasesKept, releaseSeconds }: RetentionSettings): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT a.id FROM applications a
        WHERE EXISTS (SELECT FROM releases r WHERE r.application_id = a.id AND ${hasHadItsTime}) ORDER BY a.id`,
      [releasesKept, releaseSeconds],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Deletes a few releases of one application that nothing wants, is assigned, carries or runs. Under the lock of the
   * application's row, which whatever evaluates or authorises takes too.
   */
  async deleteBatch(application: string, { releasesKept, releaseSeconds }: RetentionSettings): Promise<number> {
    return await this.database.transaction(async () => {
      const locked = await this.database.one('SELECT 1 FROM applications WHERE id = $1 FOR UPDATE SKIP LOCKED', [
        application,
      ]);
      if (locked === undefined) return 0;
      // A statement of its own: it sees all that was committed before the lock was had.
      const deleted = await this.database.query<{ number: number }>(
        `DELETE FROM releases
          WHERE application_id = $3 AND number = ANY (ARRAY(
            SELECT r.number FROM releases r JOIN applications a ON a.id = r.application_id
             WHERE r.application_id = $3 AND ${hasHadItsTime}
               AND NOT EXISTS (SELECT FROM targets t WHERE t.application_id = $3 AND t.release = r.number)
               AND NOT EXISTS (SELECT FROM assignments s WHERE s.application_id = $3 AND s.release = r.number)
               AND NOT EXISTS (SELECT FROM rollouts o
                                WHERE o.application_id = $3 AND o.release = r.number AND o.state = 'running')
               AND NOT EXISTS (SELECT FROM variants v
                                 JOIN assignments s ON s.application_id = $3 AND s.carried_bundle = v.bundle
                                WHERE v.application_id = $3 AND v.release = r.number)
               AND NOT EXISTS (SELECT FROM variants v
                                 JOIN target_status st ON st.application_id = $3 AND st.bundle = v.bundle
                                WHERE v.application_id = $3 AND v.release = r.number)
             ORDER BY r.number LIMIT ${releasesPerBatch}))
         RETURNING number`,
        [releasesKept, releaseSeconds, application],
      );
      if (deleted.length > 0) {
        await this.database.execute(`DELETE FROM rollouts WHERE application_id = $1 AND release = ANY ($2::bigint[])`, [
          application,
          deleted.map(({ number }) => number),
        ]);
      }
      return deleted.length;
    });
  }
}
