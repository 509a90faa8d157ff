import { assertNever } from '#libs/assert-never';
import { objectKey } from '#libs/kubernetes/object';
import { applyPlan } from '../apply/apply-plan';
import { prune } from '../apply/prune';
import type { Inventory } from '../inventory/inventory';
import type { DesiredObject } from '../sync/desired';
import type { Pass } from './context';
import { isApplied, widenedEntry } from './entry';
import type { Refusal } from './permit';
import { recordApplied, recordLook, recordObservation } from './record';

/** Brings a target to its bundle: applies what differs, then deletes what has left. Gives the keys that were applied. */
export async function applyTarget(pass: Pass, inventory: Inventory): Promise<ReadonlySet<string>> {
  const { target, desired } = pass;
  const { objects, digest, node } = desired.bundle!;
  const plan = new Set(objects.map(({ key }) => key));
  target.forgetOthers(plan);
  const differing = objects.filter((object) => !isApplied(inventory.get(object.key), object));
  const hasLeft = inventory.entries().some((entry) => !plan.has(objectKey(entry)));
  if (differing.length === 0 && !hasLeft) {
    finish(pass, digest);
    return new Set();
  }
  const permit = pass.permit();
  if (!permit.ok) {
    if (differing.length > 0 || hasWork(pass, inventory, plan)) stop(pass, permit);
    return new Set();
  }
  const done = new Set<string>();
  if (differing.length > 0) {
    begin(pass);
    await widen(pass, inventory, differing);
    const isForced = node.policy.conflicts === 'force';
    const outcome = await applyPlan(
      pass,
      differing,
      ({ key }) => ({ force: isForced, before: inventory.get(key)?.digest ?? '' }),
      (object, live) => {
        recordApplied(pass, inventory, object, live);
        done.add(object.key);
      },
    );
    await pass.shared.inventories.save(inventory);
    if (done.size === objects.length) recordLook(pass);
    else recordObservation(pass);
    replace(target.errors, outcome.failed);
    if (outcome.stopped !== undefined) stop(pass, outcome.stopped);
    else if (outcome.failed.size > 0) fail(pass);
    if (outcome.stopped !== undefined || outcome.failed.size > 0) return done;
  }
  await pruneTarget(pass, inventory, hasLeft);
  return done;
}

async function pruneTarget(pass: Pass, inventory: Inventory, hasLeft: boolean): Promise<void> {
  const { target, desired } = pass;
  if (!hasLeft || !pass.isComplete()) return finish(pass, desired.bundle!.digest);
  const outcome = await prune(pass, inventory);
  await pass.shared.inventories.save(inventory);
  replace(target.errors, outcome.failed);
  replace(target.remarks, outcome.remarks);
  target.pendingDeletions = outcome.pending.sort();
  if (outcome.stopped !== undefined) stop(pass, outcome.stopped);
  else if (outcome.failed.size > 0) fail(pass);
  else finish(pass, desired.bundle!.digest, true);
}

/** Whether anything would be begun: what only waits for an approval, or was looked at before, would not. */
function hasWork(pass: Pass, inventory: Inventory, plan: ReadonlySet<string>): boolean {
  if (pass.target.applied === pass.desired.bundle?.digest) return false;
  return inventory
    .entries()
    .some((entry) => entry.waits !== true && entry.keep !== true && !plan.has(objectKey(entry)));
}

/** The inventory says what we may have made before we make it: a crash in between loses nothing. */
async function widen(pass: Pass, inventory: Inventory, objects: readonly DesiredObject[]): Promise<void> {
  const unknown = objects.filter(({ key }) => inventory.get(key) === undefined);
  if (unknown.length === 0) return;
  for (const object of unknown) inventory.set(widenedEntry(object));
  await pass.shared.inventories.save(inventory);
}

function begin(pass: Pass): void {
  pass.target.phase = 'applying';
  pass.changed();
}

function fail(pass: Pass): void {
  pass.target.phase = 'failed';
  pass.changed();
}

function finish(pass: Pass, digest: NonNullable<Pass['desired']['entry']['bundle']>, hasPruned = false): void {
  const { target } = pass;
  if (!hasPruned) {
    target.remarks.clear();
    target.pendingDeletions = [];
  }
  target.errors.clear();
  target.applied = digest;
  target.phase = 'applied';
  pass.changed();
}

export function stop(pass: Pass, refusal: Refusal): void {
  const { target } = pass;
  switch (refusal.reason) {
    case 'held':
      target.phase = 'held';
      break;
    case 'expired':
      target.phase = 'failed';
      target.errors.set('', refusal.message);
      break;
    case 'outdated':
    case 'stopped':
      return;
    default:
      assertNever(refusal.reason);
  }
  pass.changed();
}

function replace(map: Map<string, string>, by: ReadonlyMap<string, string>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}
