import { createHash } from 'node:crypto';
import type { ObjectMeta } from '#libs/kubernetes/object';

/**
 * What of an object's metadata changes when somebody changes what we could have applied. Where the server counts
 * generations, a controller that only writes the status changes nothing here; elsewhere, every write does.
 */
export function fingerprintOf(metadata: ObjectMeta): string {
  const { uid, generation, labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  const managers = metadata.managedFields?.filter(({ subresource }) => subresource !== 'status');
  const version = generation === undefined ? metadata.resourceVersion : undefined;
  const parts = [
    uid,
    generation,
    version,
    labels,
    annotations,
    finalizers,
    ownerReferences,
    deletionTimestamp,
    managers,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}
