import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '#src/hub/database/database';
import { holdLock } from '#src/hub/database/fragments';

/** Since this hub was first started: the same of every copy of its database, and it only rises. */
const ageSeconds = 'floor(extract(epoch FROM now() - created_at))::bigint';
const ageMs = 'floor(1000 * extract(epoch FROM now() - created_at))::bigint';

@Injectable()
export class RestoreRepository {
  constructor(private readonly database: Database) {}

  /** Whatever authorises now is waited for, and what comes after it sees the hold. */
  async lockAuthorisations(): Promise<void> {
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [holdLock]);
  }

  /**
   * Above any epoch that agents may hold, also where this backup was restored before: numbers that were counted on from the
   * backup would come again. The same for the version of holds, of which there may be several in a second.
   */
  async raiseEpoch(): Promise<{ former: number; epoch: number }> {
    const raised = await this.database.one<{ former: number; epoch: number }>(
      `WITH former AS (SELECT epoch FROM hub FOR UPDATE)
       UPDATE hub SET epoch = greatest(hub.epoch + 1, ${ageSeconds}),
                      hold_version = greatest(hold_version + 1, ${ageMs})
         FROM former RETURNING former.epoch AS former, hub.epoch`,
    );
    if (raised === undefined) throw new Error('this database is not of a hub that was ever started (table hub)');
    return raised;
  }

  /** @returns the reason of the halt of the fleet that is in force: one that was there before stays */
  async haltFleet(reason: string, by: string): Promise<string> {
    await this.database.execute(
      `INSERT INTO holds (id, scope, scope_name, reason, created_by) VALUES ($1, 'fleet', '', $2, $3)
       ON CONFLICT (scope, scope_name) WHERE released_at IS NULL DO NOTHING`,
      [uuidv7(), reason, by],
    );
    const row = await this.database.one<{ reason: string }>(
      `SELECT reason FROM holds WHERE scope = 'fleet' AND released_at IS NULL`,
    );
    return row?.reason ?? reason;
  }

  /** Every root is built anew, under the raised epoch. */
  async markRoots(): Promise<number> {
    return await this.database.execute(
      `UPDATE roots SET dirty = true WHERE cluster_id IN (SELECT cluster_id FROM roots ORDER BY cluster_id FOR UPDATE)`,
    );
  }

  /** What Git has now is not what it had at the time of the backup. */
  async fetchSources(): Promise<number> {
    return await this.database.execute(
      `UPDATE sources SET fetch_due = fetch_due + 1, next_poll_at = now()
        WHERE id IN (SELECT id FROM sources ORDER BY id FOR UPDATE)`,
    );
  }

  /** Wakes hubs that run already. */
  async announce(): Promise<void> {
    await this.database.query(
      `SELECT pg_notify('flotilla_keys', ''), pg_notify('flotilla_hold', ''), pg_notify('flotilla_stage', 'roots'),
              pg_notify('flotilla_stage', 'fetch')`,
    );
  }
}
