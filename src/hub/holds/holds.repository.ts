import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { holdLock } from '#src/hub/database/fragments';
import type { holdScopes } from './holds.schema';

export type HoldScope = (typeof holdScopes)[number];

export interface HoldRow {
  id: string;
  scope: HoldScope;
  /** Empty for the fleet. */
  scope_name: string;
  reason: string;
  created_by: string;
  created_at: Date;
  released_by: string | null;
  released_at: Date | null;
}

const columns = 'id, scope, scope_name, reason, created_by, created_at, released_by, released_at';

@Injectable()
export class HoldsRepository {
  constructor(private readonly database: Database) {}

  /** Waits for the authorisations under way; whatever authorises after this transaction sees what it wrote. */
  async lockAuthorisations(): Promise<void> {
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [holdLock]);
  }

  async insert(hold: { id: string; scope: HoldScope; name: string; reason: string; by: string }): Promise<boolean> {
    const inserted = await this.database.execute(
      `INSERT INTO holds (id, scope, scope_name, reason, created_by) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (scope, scope_name) WHERE released_at IS NULL DO NOTHING`,
      [hold.id, hold.scope, hold.name, hold.reason, hold.by],
    );
    return inserted > 0;
  }

  async inForce(scope: HoldScope, name: string): Promise<HoldRow | undefined> {
    return await this.database.one<HoldRow>(
      `SELECT ${columns} FROM holds WHERE scope = $1 AND scope_name = $2 AND released_at IS NULL FOR UPDATE`,
      [scope, name],
    );
  }

  async release(id: string, by: string): Promise<HoldRow | undefined> {
    return await this.database.one<HoldRow>(
      `UPDATE holds SET released_by = $2, released_at = now() WHERE id = $1 RETURNING ${columns}`,
      [id, by],
    );
  }

  /** Ids are UUIDs of version 7, so by age: those in force oldest first, those released newest first. */
  async list(released: boolean, after: string | undefined, limit: number): Promise<HoldRow[]> {
    const [condition, comparison, order] = released ? ['IS NOT NULL', '<', 'DESC'] : ['IS NULL', '>', 'ASC'];
    return await this.database.query<HoldRow>(
      `SELECT ${columns} FROM holds
        WHERE released_at ${condition} AND ($1::uuid IS NULL OR id ${comparison} $1) ORDER BY id ${order} LIMIT $2`,
      [after ?? null, limit],
    );
  }

  /** Agents learn of every halt and resumption by this number. */
  async raiseVersion(): Promise<void> {
    await this.database.execute('UPDATE hub SET hold_version = hold_version + 1');
  }

  /** What a release lets go on: locked in the order of ids, so that two changes never wait for each other. */
  async markAuthoriseDue(scope: HoldScope, name: string): Promise<void> {
    await this.database.execute(
      `UPDATE applications SET authorise_due = authorise_due + 1
        WHERE id IN (SELECT a.id FROM applications a
                      WHERE CASE $1 WHEN 'fleet' THEN true WHEN 'application' THEN a.name = $2
                                 ELSE EXISTS (SELECT 1 FROM targets t JOIN clusters c ON c.id = t.cluster_id
                                               WHERE t.application_id = a.id
                                                 AND CASE $1 WHEN 'region' THEN c.region ELSE c.name END = $2) END
                      ORDER BY a.id FOR UPDATE)`,
      [scope, name],
    );
  }

  /** Whether there is such a thing; of a cluster, its region. */
  async find(scope: Exclude<HoldScope, 'fleet'>, name: string): Promise<{ region: string | null } | undefined> {
    const queries = {
      region: 'SELECT region FROM clusters WHERE region = $1 LIMIT 1',
      cluster: 'SELECT region FROM clusters WHERE name = $1',
      application: 'SELECT NULL AS region FROM applications WHERE name = $1',
    };
    return await this.database.one<{ region: string | null }>(queries[scope], [name]);
  }
}
