import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { requireApplication, requireRegion, requireUnscoped } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { Notifications } from '#src/hub/stages/notifications';
import { HoldsRepository, type HoldRow } from './holds.repository';
import { type Halt, type Hold, holdOf, type HoldQuery, type Resumption } from './holds.schema';

const maxShown = 100;

/** Emergency halts: once one is answered, nothing in its scope is authorised until someone resumes. PostgreSQL only. */
@Injectable()
export class Holds {
  constructor(
    private readonly database: Database,
    private readonly repository: HoldsRepository,
    private readonly notifications: Notifications,
    private readonly audit: Audit,
  ) {}

  /** A hold that is in force for the same scope already stays as it is. */
  async halt({ scope, name = '', reason }: Halt): Promise<{ hold: Hold; made: boolean }> {
    return await this.database.transaction(async () => {
      await this.repository.lockAuthorisations();
      await this.requireScope({ scope, name });
      const id = uuidv7();
      const made = await this.repository.insert({ id, scope, name, reason, by: this.audit.actor() });
      const row = await this.repository.inForce(scope, name);
      if (row === undefined) throw new Error('a hold was not stored');
      if (made) {
        await this.repository.raiseVersion();
        await this.notifications.notify('flotilla_hold', '');
        await this.record('hold.halt', row, undefined, { scope, name, reason });
      }
      return { hold: holdOf(row), made };
    });
  }

  async resume({ scope, name = '' }: Resumption): Promise<Hold> {
    return await this.database.transaction(async () => {
      const row = await this.repository.inForce(scope, name);
      if (row === undefined) throw new Problem('not-found', `there is no halt of ${nameOf({ scope, name })} in force`);
      // Also of what has gone meanwhile: its hold must not stay for ever.
      await this.requireScope({ scope, name }, true);
      const released = await this.repository.release(row.id, this.audit.actor());
      await this.repository.raiseVersion();
      await this.repository.markAuthoriseDue(scope, name);
      await this.notifications.notify('flotilla_hold', '');
      await this.notifications.notify('flotilla_stage', 'authorise');
      await this.record('hold.release', row, { reason: row.reason, createdBy: row.created_by }, { released: true });
      return holdOf(released ?? row);
    });
  }

  async list({ limit, cursor, released }: HoldQuery): Promise<Page<Hold>> {
    const after = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0];
    const rows = await this.repository.list(released, after, limit + 1);
    return pageOf(rows, limit, (row) => [row.id], holdOf);
  }

  /** In force, oldest first. */
  async inForce(): Promise<Hold[]> {
    return (await this.repository.list(false, undefined, maxShown)).map(holdOf);
  }

  private async requireScope({ scope, name }: { scope: Halt['scope']; name: string }, gone = false): Promise<void> {
    const actor = currentActor();
    if (scope === 'fleet') return requireUnscoped(actor);
    const found = await this.repository.find(scope, name);
    if (found === undefined && !gone) {
      throw Problem.invalid([
        { field: 'name', message: `there is no ${scope} ${JSON.stringify(name)}; nothing is halted` },
      ]);
    }
    if (scope === 'application') requireApplication(actor, name);
    else requireRegion(actor, scope === 'region' ? name : (found?.region ?? ''));
  }

  private async record(action: string, row: HoldRow, before: object | undefined, after: object): Promise<void> {
    const resourceName = nameOf({ scope: row.scope, name: row.scope_name });
    await this.audit.record({ action, resourceKind: 'Hold', resourceId: row.id, resourceName, before, after });
  }
}

function nameOf({ scope, name }: { scope: string; name: string }): string {
  return scope === 'fleet' ? 'the fleet' : `${scope} ${name}`;
}
