import { type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import type { DeleteOptions } from '../port';
import type { ObjectStore } from './store';

/** What deleting needs to know and do beside the store. */
export interface DeletionContext {
  store: ObjectStore;
  time: () => string;
  /** Called when an object is really gone. */
  removed: (object: KubernetesObject) => void;
}

/** Deletes, or marks for deletion what has finalizers; then what is owned by it, and what lives in it. */
export function deleteObject(
  context: DeletionContext,
  reference: ObjectReference,
  propagation: DeleteOptions['propagation'] = 'Background',
): void {
  const object = context.store.get(reference);
  if (!object) return;
  if ((object.metadata.finalizers ?? []).length > 0) {
    if (object.metadata.deletionTimestamp) return;
    const { generation } = object.metadata;
    const metadata = { ...object.metadata, deletionTimestamp: context.time() };
    if (generation !== undefined) metadata.generation = generation + 1;
    context.store.put(reference, { ...object, metadata });
    return;
  }
  if (isNamespace(reference)) {
    for (const content of contentsOf(context.store, reference.name)) deleteObject(context, referenceOf(content));
    if (contentsOf(context.store, reference.name).length > 0) return terminate(context, reference, object);
  }
  context.store.remove(reference);
  collectDependents(context, object, propagation === 'Orphan');
  context.removed(object);
  finishNamespace(context, reference.namespace);
}

/** Ends what only waited for its finalizers; called after each write. */
export function finishDeletion(context: DeletionContext, reference: ObjectReference): void {
  const object = context.store.get(reference);
  if (object?.metadata.deletionTimestamp && (object.metadata.finalizers ?? []).length === 0) {
    deleteObject(context, reference);
  }
}

export function isTerminating(namespace: KubernetesObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined;
}

function terminate(context: DeletionContext, reference: ObjectReference, namespace: KubernetesObject): void {
  if (isTerminating(namespace)) return;
  const metadata = { ...namespace.metadata, deletionTimestamp: context.time() };
  context.store.put(reference, { ...namespace, metadata, status: { phase: 'Terminating' } });
}

/** A terminating namespace goes with the last object in it. */
function finishNamespace(context: DeletionContext, name: string): void {
  const reference = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name };
  const namespace = name === '' ? undefined : context.store.get(reference);
  if (namespace && isTerminating(namespace)) deleteObject(context, reference);
}

function collectDependents(context: DeletionContext, owner: KubernetesObject, orphan: boolean): void {
  const { uid } = owner.metadata;
  for (const dependent of context.store.all()) {
    const owners = dependent.metadata.ownerReferences;
    if (!owners?.some((reference) => reference.uid === uid)) continue;
    const left = owners.filter((reference) => reference.uid !== uid);
    if (left.length === 0 && !orphan) deleteObject(context, referenceOf(dependent));
    else
      context.store.put(referenceOf(dependent), {
        ...dependent,
        metadata: { ...dependent.metadata, ownerReferences: left },
      });
  }
}

function contentsOf(store: ObjectStore, namespace: string): KubernetesObject[] {
  return [...store.all()].filter((object) => object.metadata.namespace === namespace);
}

function isNamespace(reference: ObjectReference): boolean {
  return reference.group === '' && reference.kind === 'Namespace';
}
