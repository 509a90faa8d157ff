import pLimit from 'p-limit';
import { pruneOrder } from '#libs/apply/order';
import { objectKey } from '#libs/kubernetes/object';
import type { Inventory } from '../inventory/inventory';
import type { Pass } from '../reconcile/context';
import { deleteObject } from './delete-object';
import { claimedByOthers, type PruneOutcome, settleEntry } from './prune';

const concurrentDeletions = 8;

export interface RemovalOutcome extends PruneOutcome {
  /** Deleted by us, and held up by finalizers: look again. */
  terminating: Map<string, string>;
}

/**
 * Removes an application: every object that a person has named, in reverse order, a group only when the ones before it
 * are gone. The others wait. Changes the inventory, and leaves writing it to the caller.
 */
export async function removeObjects(pass: Pass, inventory: Inventory): Promise<RemovalOutcome> {
  const { desired } = pass;
  const outcome: RemovalOutcome = { failed: new Map(), remarks: new Map(), pending: [], terminating: new Map() };
  const claimed = claimedByOthers(pass, inventory.entries());
  for (const entry of inventory.entries()) {
    const key = objectKey(entry);
    if (claimed.has(key) || entry.keep === true) inventory.delete(key);
    else if (!desired.approved.has(key)) outcome.pending.push(key);
  }
  const approved = inventory.entries().filter((entry) => desired.approved.has(objectKey(entry)));
  const limit = pLimit(concurrentDeletions);
  for (const group of pruneOrder(approved)) {
    await Promise.all(
      group.map((entry) =>
        limit(async () => {
          const key = objectKey(entry);
          const deleted = await deleteObject(pass, entry);
          const isGoing =
            deleted.kind === 'deleted' || (deleted.kind === 'refused' && deleted.reason === 'terminating');
          if (isGoing && !(await isGone(pass, entry)))
            outcome.terminating.set(key, 'is being deleted; its finalizers hold it');
          else settleEntry(key, deleted, inventory, outcome);
        }),
      ),
    );
    if (outcome.stopped !== undefined || outcome.terminating.size > 0 || outcome.failed.size > 0) break;
  }
  return outcome;
}

async function isGone(pass: Pass, entry: Parameters<typeof deleteObject>[1]): Promise<boolean> {
  const { kubernetes, calls } = pass.shared;
  const live = await calls(() => kubernetes.get(entry)).catch(() => null);
  return live === undefined || (live !== null && live.metadata.uid !== entry.uid);
}
