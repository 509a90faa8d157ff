import { removeObjects } from '../apply/remove';
import type { Inventory } from '../inventory/inventory';
import { stop } from './apply-target';
import type { Pass } from './context';
import { recordLook } from './record';

/** Removes or orphans a target, as its entry says; true when it should be looked at again soon. */
export async function removeTarget(pass: Pass, inventory: Inventory): Promise<boolean> {
  const { target, desired, shared } = pass;
  target.forgetOthers(new Set());
  const { removal } = desired.entry;
  if (removal === undefined) {
    target.phase = 'failed';
    target.errors.set('', 'its entry says neither a bundle nor whether to delete or orphan; nothing is done');
    pass.changed();
    return false;
  }
  const permit = pass.permit();
  if (!permit.ok) {
    stop(pass, permit);
    return false;
  }
  if (removal === 'orphan') {
    await shared.inventories.remove(inventory);
    end(pass, 'orphaned');
    return false;
  }
  if (!pass.isComplete()) return false;
  target.phase = 'removing';
  pass.changed();
  const outcome = await removeObjects(pass, inventory);
  recordLook(pass);
  target.errors.clear();
  target.remarks.clear();
  for (const [key, message] of [...outcome.failed, ...outcome.terminating]) target.errors.set(key, message);
  for (const [key, message] of outcome.remarks) target.remarks.set(key, message);
  target.pendingDeletions = outcome.pending.sort();
  if (inventory.size === 0) {
    await shared.inventories.remove(inventory);
    end(pass, 'removed');
    return false;
  }
  await shared.inventories.save(inventory);
  if (outcome.stopped !== undefined) stop(pass, outcome.stopped);
  pass.changed();
  return outcome.terminating.size > 0 || outcome.failed.size > 0;
}

function end(pass: Pass, phase: 'removed' | 'orphaned'): void {
  const { target } = pass;
  target.inventory = undefined;
  target.errors.clear();
  target.pendingDeletions = [];
  target.isSeen = true;
  target.phase = phase;
  pass.changed();
}
