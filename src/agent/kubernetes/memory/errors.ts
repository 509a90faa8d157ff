import { apiVersionOf, type ObjectReference } from '#libs/kubernetes/object';
import { type FieldConflict, KubernetesError, type KindReference } from '../port';
import type { ServedKind } from './kinds';

export function invalid(kind: string, name: string, causes: string[]): KubernetesError {
  return new KubernetesError('invalid', `${kind} "${name}" is invalid: ${causes.join('; ')}`, { status: 422 });
}

export function namespaceRequired({ kind, name }: Pick<ObjectReference, 'kind' | 'name'>): KubernetesError {
  return invalid(kind, name, ['metadata.namespace: Required value: the kind is namespaced']);
}

export function kindNotServed(kind: KindReference): KubernetesError {
  const message = `the server does not serve kind ${kind.kind} of ${apiVersionOf(kind)}`;
  return new KubernetesError('notFound', message, { status: 404 });
}

export function objectNotFound(kind: ServedKind, name: string): KubernetesError {
  return new KubernetesError('notFound', `${resourceName(kind)} "${name}" not found`, { status: 404 });
}

export function alreadyExists(kind: ServedKind, name: string): KubernetesError {
  return new KubernetesError('alreadyExists', `${resourceName(kind)} "${name}" already exists`, { status: 409 });
}

export function changedMeanwhile(kind: ServedKind, reference: ObjectReference): KubernetesError {
  const what = `${resourceName(kind)} "${reference.name}"`;
  const message = `Operation cannot be fulfilled on ${what}: the object has been modified; read it again and repeat`;
  return new KubernetesError('conflict', message, { status: 409 });
}

export function otherUid(kind: ServedKind, name: string, wanted: string, found: string): KubernetesError {
  const message = `Precondition failed for ${resourceName(kind)} "${name}": UID ${wanted} was asked for, ${found} is there`;
  return new KubernetesError('conflict', message, { status: 409 });
}

export function fieldsOwnedByOthers(conflicts: FieldConflict[]): KubernetesError {
  const list = conflicts.map((conflict) => `conflict with "${conflict.manager}": ${conflict.field}`).join(', ');
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`;
  return new KubernetesError('conflict', `Apply failed with ${count}: ${list}`, { status: 409, conflicts });
}

export function resourceName(kind: ServedKind): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}
