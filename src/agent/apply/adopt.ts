import type { KubernetesObject } from '#libs/kubernetes/object';
import { decodeManagedFields, encodeManagedFields, type Owner, ownerId } from '#libs/kubernetes/ssa/managed-fields';
import { union } from '#libs/kubernetes/ssa/path-set';
import { fieldManager } from '../names';
import { isClientSideManager } from './owned-fields';

/**
 * The object with what client-side apply owned given to our manager, so that the next apply also drops what has left the
 * manifests since; undefined where there is nothing to adopt.
 */
export function adopted(live: KubernetesObject): KubernetesObject | undefined {
  const owners = decodeManagedFields(live.metadata.managedFields);
  const isTheirs = (owner: Owner): boolean =>
    owner.operation === 'Update' && owner.subresource === undefined && isClientSideManager(owner.manager);
  const theirs = [...owners].filter(([, owner]) => isTheirs(owner));
  if (theirs.length === 0) return undefined;
  const ours = { manager: fieldManager, operation: 'Apply' as const, apiVersion: live.apiVersion };
  const held = owners.get(ownerId(ours));
  for (const [id] of theirs) owners.delete(id);
  const first = held?.fields ?? theirs[0]![1].fields;
  const fields = theirs.reduce((set, [, owner]) => union(set, owner.fields), first);
  owners.set(ownerId(ours), { ...ours, ...held, fields });
  return { ...live, metadata: { ...live.metadata, managedFields: encodeManagedFields(owners) } };
}
