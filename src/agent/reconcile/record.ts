import { baselineOf } from '#libs/drift/baseline';
import { assessHealth } from '#libs/health/assess';
import type { KubernetesObject } from '#libs/kubernetes/object';
import type { Inventory } from '../inventory/inventory';
import type { DesiredObject } from '../sync/desired';
import type { Pass } from './context';
import { sharedBaseline } from './baselines';
import { appliedEntry } from './entry';

/** Takes down everywhere that an object was applied, and what the API server made of it. */
export function recordApplied(pass: Pass, inventory: Inventory, object: DesiredObject, live: KubernetesObject): void {
  const { target } = pass;
  inventory.set(appliedEntry(object, live));
  target.baselines.set(object.key, sharedBaseline(object, baselineOf(live, object.node.object)));
  target.written.set(object.key, live.metadata.resourceVersion ?? '');
  target.drifts.delete(object.key);
  target.errors.delete(object.key);
  recordHealth(pass, object, live);
}

export function recordHealth(pass: Pass, object: DesiredObject, live: KubernetesObject): void {
  pass.target.health.set(object.key, assessHealth(live, pass.shared.runtime.now().getTime()));
}

/** Every object was looked at just now. */
export function recordLook(pass: Pass): void {
  pass.target.isSeen = true;
  recordObservation(pass);
}

export function recordObservation({ shared, target }: Pass): void {
  target.observed(shared.runtime.now(), shared.runtime.monotonicMs());
}
