import { degraded } from '#libs/health/health';
import { referenceOf } from '#libs/kubernetes/object';
import type { LiveReader } from '../compare/live-reader';
import type { Inventory } from '../inventory/inventory';
import { KubernetesError } from '../kubernetes/port';
import type { Pass } from '../reconcile/context';
import { isApplied } from '../reconcile/entry';
import { recordHealth, recordLook } from '../reconcile/record';
import type { DesiredObject } from '../sync/desired';

/** While so few are on their way, each is read by itself. */
const fewObjects = 5;

/**
 * A cheap look at the health of what is applied, without comparing fields. True when an object turned out to be missing.
 * `isNarrow` looks only at what was not healthy.
 */
export async function lookAtHealth(
  pass: Pass,
  inventory: Inventory,
  reader: LiveReader,
  isNarrow: boolean,
): Promise<boolean> {
  const { target, desired } = pass;
  const applied = (desired.bundle?.objects ?? []).filter((object) => isApplied(inventory.get(object.key), object));
  const objects = isNarrow ? applied.filter(({ key }) => target.health.get(key)?.status !== 'healthy') : applied;
  let isMissing = false;
  let hasFailed = false;
  const look = async (object: DesiredObject): Promise<void> => {
    const reference = referenceOf(object.node.object);
    const live = await (objects.length <= fewObjects ? reader.read(reference) : reader.find(reference));
    if (live !== undefined) return recordHealth(pass, object, live);
    isMissing = true;
    target.health.set(object.key, degraded('Missing', 'it is not in the cluster'));
  };
  await Promise.all(
    objects.map((object) =>
      look(object).catch((error: unknown) => {
        if (!(error instanceof KubernetesError)) throw error;
        // What was known stays, and ages.
        hasFailed = true;
      }),
    ),
  );
  if (!hasFailed && !isNarrow) recordLook(pass);
  pass.changed();
  return isMissing;
}
