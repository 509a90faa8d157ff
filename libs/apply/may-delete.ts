import { describeObject, objectKey, referenceOf, type KubernetesObject } from '#libs/kubernetes/object';
import { applicationLabel, pruneAnnotation, pruneDisabled } from '#libs/kubernetes/our-metadata';
import type { InventoryEntry } from './inventory-entry';

export type DeletionRefusal =
  'gone' | 'anotherObject' | 'anotherUid' | 'terminating' | 'unlabelled' | 'anotherApplication' | 'owned' | 'kept';

export type DeletionDecision = { allowed: true } | { allowed: false; reason: DeletionRefusal; message: string };

/**
 * Whether the object that is there now is the one that we applied, and still ours to delete. The answer is about this
 * moment: the deletion itself carries the UID as its precondition.
 * `application` is the name that our label must hold; without it, any value will do.
 */
export function mayDelete(
  entry: InventoryEntry,
  live: KubernetesObject | undefined,
  application?: string,
): DeletionDecision {
  const refuse = (reason: DeletionRefusal, why: string): DeletionDecision => {
    return { allowed: false, reason, message: `${describeObject(entry)} ${why}` };
  };

  if (live === undefined) return refuse('gone', 'is not there any more');
  if (objectKey(referenceOf(live)) !== objectKey(entry)) {
    return refuse('anotherObject', `was compared with ${describeObject(referenceOf(live))}`);
  }
  const { uid, labels, annotations, ownerReferences, deletionTimestamp } = live.metadata;
  // An entry without a UID was widened before an apply that never came back: nothing proves that the object is ours.
  if (entry.uid === '' || uid !== entry.uid) {
    return refuse(
      'anotherUid',
      `was made anew by someone else: its UID is ${uid}, ours was ${entry.uid || 'never known'}`,
    );
  }
  if (deletionTimestamp) return refuse('terminating', 'is being deleted already');

  const label: unknown = labels?.[applicationLabel];
  if (typeof label !== 'string' || label === '') {
    return refuse('unlabelled', `has lost the label ${applicationLabel}: someone has taken it over`);
  }
  if (application !== undefined && label !== application) {
    return refuse('anotherApplication', `belongs to application ${label} by its label ${applicationLabel}`);
  }
  const owner = ownerReferences?.find((reference) => reference.controller === true);
  if (owner !== undefined) {
    return refuse('owned', `is controlled by ${owner.kind} ${owner.name}, which would make it again`);
  }
  if (annotations?.[pruneAnnotation] === pruneDisabled) {
    return refuse('kept', `is annotated ${pruneAnnotation}: ${pruneDisabled}`);
  }
  return { allowed: true };
}
