import pLimit from 'p-limit';
import { pruneOrder } from '#libs/apply/order';
import { planPrune } from '#libs/apply/prune';
import { objectKey } from '#libs/kubernetes/object';
import type { Entry } from '../inventory/format';
import type { Inventory } from '../inventory/inventory';
import type { Pass } from '../reconcile/context';
import type { Refusal } from '../reconcile/permit';
import { type Deleted, deleteObject } from './delete-object';

const concurrentDeletions = 8;
/** Deletions without an approval within this time count together against the limits. */
export const recentMs = 10 * 60_000;

export interface PruneOutcome {
  stopped?: Refusal;
  failed: Map<string, string>;
  /** What is left where it is, and why. */
  remarks: Map<string, string>;
  /** Keys that wait for an approval. */
  pending: string[];
}

/**
 * Deletes what has left the release, as far as the limits and approvals go. Only for a desired state that is complete and
 * a release that was applied whole; the caller sees to that. Changes the inventory, and leaves writing it to the caller.
 */
export async function prune(pass: Pass, inventory: Inventory): Promise<PruneOutcome> {
  const { desired, shared } = pass;
  const { node, objects } = desired.bundle!;
  const plan = new Set(objects.map(({ key }) => key));
  const left = inventory.entries().filter((entry) => !plan.has(objectKey(entry)));
  const outcome: PruneOutcome = { failed: new Map(), remarks: new Map(), pending: [] };
  if (left.length === 0) return outcome;
  const nowMs = shared.runtime.now().getTime();
  inventory.pruned = inventory.pruned.filter(([atMs]) => atMs > nowMs - recentMs && atMs <= nowMs);
  const planned = planPrune({
    inventory: inventory.entries(),
    plan,
    claimedByOthers: claimedByOthers(pass, left),
    limits: node.policy.pruneLimits,
    approved: desired.approved,
    waitedBefore: new Set(left.filter((entry) => entry.waits === true).map(objectKey)),
    recentlyPruned: inventory.pruned.reduce((sum, [, count]) => sum + count, 0),
  });
  for (const entry of planned.moved) inventory.delete(objectKey(entry));
  for (const entry of planned.kept)
    outcome.remarks.set(objectKey(entry), 'has left the release, and is kept as it says');
  if (!node.policy.prune) {
    for (const entry of [...planned.prune, ...planned.waiting]) {
      outcome.remarks.set(objectKey(entry), 'has left the release, and is kept since pruning is off');
    }
    return outcome;
  }
  for (const entry of planned.waiting) {
    inventory.set({ ...entry, waits: true });
    outcome.pending.push(objectKey(entry));
  }
  const deletions = await deleteEntries(pass, planned.prune, inventory, outcome);
  const unapproved = deletions.filter((key) => !desired.approved.has(key)).length;
  if (unapproved > 0) inventory.pruned = [...inventory.pruned, [nowMs, unapproved]];
  return outcome;
}

/** Of these, the keys that are in the plan of another target on this cluster. */
export function claimedByOthers(pass: Pass, entries: readonly Entry[]): Set<string> {
  return new Set(entries.map(objectKey).filter((key) => pass.isClaimedByOther(key)));
}

async function deleteEntries(
  pass: Pass,
  entries: readonly Entry[],
  inventory: Inventory,
  outcome: PruneOutcome,
): Promise<string[]> {
  const limit = pLimit(concurrentDeletions);
  const deletions: string[] = [];
  for (const group of pruneOrder(entries)) {
    await Promise.all(
      group.map((entry) =>
        limit(async () => {
          const key = objectKey(entry);
          const deleted = await deleteObject(pass, entry);
          if (deleted.kind === 'deleted') deletions.push(key);
          settleEntry(key, deleted, inventory, outcome);
        }),
      ),
    );
    if (outcome.stopped !== undefined) break;
  }
  return deletions;
}

/** What an attempt to delete means for the inventory: what is gone or not ours leaves it, what may yet be ours stays. */
export function settleEntry(key: string, deleted: Deleted, inventory: Inventory, outcome: PruneOutcome): void {
  switch (deleted.kind) {
    case 'deleted':
    case 'gone':
      return inventory.delete(key);
    case 'refused':
      if (deleted.reason === 'terminating') return inventory.delete(key);
      outcome.remarks.set(key, `is left: ${deleted.message}`);
      if (deleted.reason !== 'kept') inventory.delete(key);
      return;
    case 'failed':
      return void outcome.failed.set(key, deleted.message);
    case 'stopped':
      outcome.stopped ??= deleted.permit;
  }
}
