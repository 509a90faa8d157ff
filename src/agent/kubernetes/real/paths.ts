import type { ObjectReference } from '#libs/kubernetes/object';
import { KubernetesError, type KindReference, type ServedResource } from '../port';

/** The path of a kind's objects, in a namespace or everywhere. */
export function collectionPath(kind: KindReference, served: ServedResource, namespace: string | undefined): string {
  const version = encodeURIComponent(kind.version);
  const base = kind.group === '' ? `/api/${version}` : `/apis/${encodeURIComponent(kind.group)}/${version}`;
  const within = served.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${within}/${encodeURIComponent(served.resource)}`;
}

export function objectPath(reference: ObjectReference, served: ServedResource): string {
  checkReference(reference, served);
  return `${collectionPath(reference, served, reference.namespace)}/${encodeURIComponent(reference.name)}`;
}

/** A name or a namespace that is missing would address another thing than was meant. */
export function checkReference(reference: ObjectReference, served: ServedResource): void {
  const { kind, name, namespace } = reference;
  // `.` and `..` would be taken out of the path on the way.
  if (!name || name === '.' || name === '..') {
    throw new KubernetesError(
      'invalid',
      `${kind} "${name}" is invalid: metadata.name: Required value: a name is required`,
    );
  }
  if (served.namespaced && !namespace) {
    throw new KubernetesError(
      'invalid',
      `${kind} "${name}" is invalid: metadata.namespace: Required value: the kind is namespaced`,
    );
  }
}

/** For writes: the object must not say a namespace that its kind does not have. */
export function checkScope(reference: ObjectReference, served: ServedResource): void {
  checkReference(reference, served);
  if (served.namespaced || reference.namespace === '') return;
  const what = `${reference.kind} "${reference.name}"`;
  throw new KubernetesError('invalid', `${what} is invalid: metadata.namespace: Forbidden: the kind is cluster-scoped`);
}
