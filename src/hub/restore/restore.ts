import type { Audit } from '#src/hub/audit/audit';
import type { Database } from '#src/hub/database/database';
import { RestoreRepository } from './restore.repository';

export interface Restored {
  formerEpoch: number;
  epoch: number;
  roots: number;
  sources: number;
  /** Of the halt of the fleet. */
  reason: string;
}

const reason = 'restored from backup';

/**
 * After PostgreSQL was put back to a backup: raises the epoch, so that agents take this hub's roots again, and halts the
 * fleet in the same transaction, so that they begin nothing of it until a person has looked and resumes (decision 7).
 * @param actor who restores, for the audit
 */
export async function restoreHub(database: Database, audit: Audit, actor: string): Promise<Restored> {
  const repository = new RestoreRepository(database);
  return await database.transaction(async () => {
    await repository.lockAuthorisations();
    const { former, epoch } = await repository.raiseEpoch();
    const restored: Restored = {
      formerEpoch: former,
      epoch,
      reason: await repository.haltFleet(reason, actor),
      roots: await repository.markRoots(),
      sources: await repository.fetchSources(),
    };
    await audit.record(
      {
        action: 'hub.restore',
        resourceKind: 'Hub',
        resourceName: 'hub',
        before: { epoch: former },
        after: { epoch, hold: restored.reason },
      },
      actor,
    );
    await repository.announce();
    return restored;
  });
}
