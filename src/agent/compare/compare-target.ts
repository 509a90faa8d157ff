import pLimit from 'p-limit';
import { baselineOf } from '#libs/drift/baseline';
import { driftOf } from '#libs/drift/drift';
import { degraded, unknown } from '#libs/health/health';
import { type KubernetesObject, referenceOf } from '#libs/kubernetes/object';
import { applyPlan } from '../apply/apply-plan';
import { messageOf } from '../errors';
import type { Inventory } from '../inventory/inventory';
import { KubernetesError } from '../kubernetes/port';
import { fieldManager } from '../names';
import type { Pass } from '../reconcile/context';
import { sharedBaseline } from '../reconcile/baselines';
import { isApplied } from '../reconcile/entry';
import { recordApplied, recordHealth, recordLook } from '../reconcile/record';
import { type Baseline, driftMessage } from '../reconcile/target';
import type { DesiredObject } from '../sync/desired';
import type { LiveReader } from './live-reader';

const concurrentObjects = 8;

/**
 * The full comparison of one target: every object that is applied, and is not in `fresh`, against what the API server made
 * of it when it was applied. What is missing or differs is put back, or only told, as the policy says.
 * @param only keys of the objects to compare; undefined: all, and only that is evidence about the target
 */
export async function compareTarget(
  pass: Pass,
  inventory: Inventory,
  reader: LiveReader,
  fresh: ReadonlySet<string>,
  only?: ReadonlySet<string>,
): Promise<void> {
  const { objects, node } = pass.desired.bundle!;
  const isWanted = (key: string): boolean => !fresh.has(key) && only?.has(key) !== false;
  const settled = objects.filter((object) => isWanted(object.key) && isApplied(inventory.get(object.key), object));
  const limit = pLimit(concurrentObjects);
  const drifted: DesiredObject[] = [];
  let unread = 0;
  await Promise.all(
    settled.map((object) =>
      limit(async () => {
        const look = await lookAt(pass, inventory, reader, object);
        if (look === 'unknown') unread += 1;
        if (look === 'drifted') drifted.push(object);
      }),
    ),
  );
  if (unread === 0 && only === undefined) recordLook(pass);
  if (drifted.length > 0 && node.policy.drift === 'reapply') await putBack(pass, inventory, drifted);
  pass.changed();
}

async function lookAt(
  pass: Pass,
  inventory: Inventory,
  reader: LiveReader,
  object: DesiredObject,
): Promise<'same' | 'drifted' | 'unknown'> {
  const { target } = pass;
  const reference = referenceOf(object.node.object);
  try {
    // What is listed may be older than our last write: before it is called drift, the object is read by itself.
    const listed = await reader.find(reference);
    let message = await driftMessageOf(pass, inventory, object, listed);
    let live = listed;
    if (message !== undefined && listed !== undefined) {
      live = await reader.read(reference);
      message = await driftMessageOf(pass, inventory, object, live);
    }
    target.troubles.delete(object.key);
    if (live !== undefined) recordHealth(pass, object, live);
    else target.health.set(object.key, degraded('Missing', 'it is not in the cluster'));
    if (message === undefined) target.drifts.delete(object.key);
    else target.drifts.set(object.key, message);
    return message === undefined ? 'same' : 'drifted';
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    target.troubles.set(object.key, `cannot be compared: ${messageOf(error)}`);
    target.health.set(object.key, unknown('Unread', `it cannot be read: ${messageOf(error)}`));
    return 'unknown';
  }
}

async function driftMessageOf(
  pass: Pass,
  inventory: Inventory,
  object: DesiredObject,
  live: KubernetesObject | undefined,
): Promise<string | undefined> {
  if (live === undefined) return 'is missing';
  const entry = inventory.get(object.key)!;
  if (live.metadata.uid !== entry.uid) return `was made anew by someone else (UID ${live.metadata.uid})`;
  if (live.metadata.deletionTimestamp !== undefined) return 'is being deleted by someone else';
  const drift = driftOf((await baselineFor(pass, object)).fields, live, fieldManager);
  return drift.kind === 'changed' ? driftMessage(drift.fields, drift.more) : undefined;
}

/** What applying gave; after a restart, what applying would give. */
async function baselineFor(pass: Pass, object: DesiredObject): Promise<Baseline> {
  const held = pass.target.baselines.get(object.key);
  if (held?.digest === object.digest) return held;
  const { kubernetes, calls } = pass.shared;
  const { object: intended } = object.node;
  const as = pass.as === undefined ? {} : { as: pass.as };
  const would = await calls(() => kubernetes.apply(intended, { fieldManager, force: true, dryRun: true, ...as }));
  const baseline = sharedBaseline(object, baselineOf(would, intended));
  pass.target.baselines.set(object.key, baseline);
  return baseline;
}

async function putBack(pass: Pass, inventory: Inventory, drifted: readonly DesiredObject[]): Promise<void> {
  const { target, shared } = pass;
  if (!pass.permit().ok) return;
  const outcome = await applyPlan(
    pass,
    drifted,
    ({ key }) => ({ force: true, before: inventory.get(key)?.digest ?? '' }),
    (object, live) => {
      recordApplied(pass, inventory, object, live);
      target.corrected += 1;
    },
  );
  for (const [key, message] of outcome.failed) target.troubles.set(key, `could not be put back: ${message}`);
  await shared.inventories.save(inventory);
}
