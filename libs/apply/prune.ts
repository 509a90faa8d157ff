import { objectKey } from '#libs/kubernetes/object';
import type { InventoryEntry } from './inventory-entry';

export interface PruneLimits {
  /** More deletions than this wait for an approval. */
  maxObjects: number;
  /** A larger part of the inventory than this, in percent, waits for an approval. */
  maxPercent: number;
}

export const defaultPruneLimits: PruneLimits = { maxObjects: 10, maxPercent: 20 };

/** Sets hold keys as of `objectKey`. */
export interface PruneInput {
  /** Everything that this application has applied on this cluster. */
  inventory: readonly InventoryEntry[];
  /** The objects that should be there. Made of complete inputs: nobody may call with a plan that failed half-way. */
  plan: ReadonlySet<string>;
  /** The objects of the other applications' plans on this cluster. */
  claimedByOthers: ReadonlySet<string>;
  limits: PruneLimits;
  /** What a person has approved to be deleted, by name. */
  approved: ReadonlySet<string>;
  /**
   * What waited before. It goes on waiting until it is approved or planned again: otherwise, once the approved part is
   * gone, the rest would be few enough to go by itself.
   */
  waitedBefore?: ReadonlySet<string>;
  /** Deleted without an approval a short while ago; counted again, so that a change in small steps meets the same cap. */
  recentlyPruned?: number;
}

/** Each entry of the inventory that is not in the plan, exactly once. */
export interface PrunePlan {
  prune: InventoryEntry[];
  waiting: InventoryEntry[];
  /** Another application's by now: leaves this inventory, and stays in the cluster. */
  moved: InventoryEntry[];
  /** Never deleted by us, since it says so. */
  kept: InventoryEntry[];
}

/** Which objects may be deleted now. Deletes nothing by ignorance: what is not in the inventory is never named. */
export function planPrune(input: PruneInput): PrunePlan {
  const plan: PrunePlan = { prune: [], waiting: [], moved: [], kept: [] };
  const candidates: { entry: InventoryEntry; key: string }[] = [];
  for (const entry of input.inventory) {
    const key = objectKey(entry);
    if (input.plan.has(key)) continue;
    if (input.claimedByOthers.has(key)) plan.moved.push(entry);
    else if (entry.keep === true) plan.kept.push(entry);
    else candidates.push({ entry, key });
  }

  const capped = exceeds(candidates.length, input);
  for (const { entry, key } of candidates) {
    const needsApproval = capped || input.waitedBefore?.has(key) === true;
    if (needsApproval && !input.approved.has(key)) plan.waiting.push(entry);
    else plan.prune.push(entry);
  }
  return plan;
}

function exceeds(candidates: number, { inventory, limits, recentlyPruned = 0 }: PruneInput): boolean {
  const deletions = candidates + recentlyPruned;
  const total = inventory.length + recentlyPruned;
  // Written so that a limit that is no number lets nothing through.
  return candidates > 0 && !(deletions <= limits.maxObjects && deletions * 100 <= limits.maxPercent * total);
}
