import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import { objectMetaType } from '#libs/kubernetes/ssa/builtin/builtin-kinds';
import {
  decodeManagedFields,
  encodeManagedFields,
  type Owners,
  ownersEqual,
} from '#libs/kubernetes/ssa/managed-fields';
import { normalize } from '#libs/kubernetes/ssa/normalize';
import { applyFields, updateFields } from '#libs/kubernetes/ssa/update';
import { validateTypes } from '#libs/kubernetes/ssa/validate';
import { cloneJson, isMap, jsonEqual, type PlainMap } from '#libs/kubernetes/ssa/value';
import { setDefaults } from './defaults';
import { alreadyExists, changedMeanwhile, fieldsOwnedByOthers, invalid, objectNotFound, otherUid } from './errors';
import { hasGeneration, needsResourceVersion, type ServedKind } from './kinds';
import { metadataProblems } from './names';
import { ownersAfterUpdate, ownersBeforeApply } from './owners';
import { kindProblems } from './validation';

/** One write as a value: what is there, what is sent, and by whom. */
export interface Write {
  kind: ServedKind;
  reference: ObjectReference;
  live: KubernetesObject | undefined;
  sent: KubernetesObject;
  manager: string;
  /** As Kubernetes writes it. */
  time: string;
  newUid: () => string;
}

/** The object as it would be stored; the live one itself where the write changes nothing. */
export function applied(write: Write, force: boolean): KubernetesObject {
  const { kind, live, sent } = write;
  checkSent(write, 'refused');
  if (sent.metadata.managedFields) throw invalid(kind.kind, sent.metadata.name, ['metadata.managedFields must be nil']);
  if (!live && sent.metadata.uid) throw otherUid(kind, sent.metadata.name, sent.metadata.uid, 'none');
  checkPreconditions(write);
  const base = withoutManagedFields(live ?? bare(sent));
  const owners = ownersBeforeApply(write, bare(sent), withoutStatus(kind, base));
  const fields = withoutStatus(kind, sent);
  const applier = { manager: write.manager, apiVersion: sent.apiVersion };
  const outcome = applyFields(base, fields, kind.type(), owners, applier, force);
  if (outcome.outcome === 'conflict') {
    throw fieldsOwnedByOthers(outcome.conflicts.map(({ manager, field }) => ({ manager, field })));
  }
  for (const owner of outcome.owners.values()) if (owner.operation === 'Apply') owner.time ??= write.time;
  return finished(write, outcome.object as KubernetesObject, outcome.owners, 'apply');
}

export function created(write: Write): KubernetesObject {
  const { kind, live, sent } = write;
  checkSent(write, 'allowed');
  if (live) throw alreadyExists(kind, sent.metadata.name);
  if (sent.metadata.resourceVersion) {
    throw invalid(kind.kind, sent.metadata.name, ['metadata.resourceVersion must not be set on objects to be created']);
  }
  return updated(write, bare(sent), withoutStatus(kind, sent));
}

export function replaced(write: Write): KubernetesObject {
  const { kind, live, sent } = write;
  checkSent(write, 'allowed');
  if (!live) throw objectNotFound(kind, sent.metadata.name);
  if (!sent.metadata.resourceVersion && needsResourceVersion(kind)) {
    throw invalid(kind.kind, sent.metadata.name, [
      'metadata.resourceVersion: Invalid value: must be specified for an update',
    ]);
  }
  checkPreconditions(write);
  const next = withoutStatus(kind, sent);
  if (kind.hasStatus && live['status'] !== undefined) next['status'] = live['status'];
  return updated(write, live, next);
}

/** A write of `/status`: nothing else of the object changes. */
export function withStatus(write: Write & { live: KubernetesObject }, status: unknown): KubernetesObject {
  const { kind, live, manager, time } = write;
  const next: PlainMap = { ...withoutManagedFields(live), status };
  const owners = decodeManagedFields(live.metadata.managedFields);
  const updater = { manager, apiVersion: live.apiVersion, subresource: 'status' };
  if (jsonEqual(live['status'], status)) return live;
  const before = withoutManagedFields(live);
  const after = owners.size === 0 ? owners : updateFields(before, next, kind.type(), owners, updater, time);
  return { ...(next as KubernetesObject), metadata: { ...live.metadata, managedFields: encodeManagedFields(after) } };
}

function updated(write: Write, live: KubernetesObject, next: PlainMap): KubernetesObject {
  const object = withServerMetadata(write, stored(write.kind, withoutManagedFields(next)));
  setDefaults(write.kind, object);
  return finished(write, object, ownersAfterUpdate(write, live, withoutManagedFields(live), object), 'update');
}

function finished(write: Write, merged: KubernetesObject, owners: Owners, by: 'apply' | 'update'): KubernetesObject {
  const { kind, live, reference } = write;
  const object = withServerMetadata(write, stored(kind, merged));
  if (by === 'apply') setDefaults(kind, object);
  const problems = [...metadataProblems(kind, object), ...kindProblems(kind, object, live)];
  if (problems.length > 0) throw invalid(kind.kind, reference.name, problems);
  if (
    live &&
    jsonEqual(withoutManagedFields(live), object) &&
    ownersEqual(decodeManagedFields(live.metadata.managedFields), owners)
  ) {
    return live;
  }
  if (live && hasGeneration(kind) && specChanged(kind, live, object)) {
    object.metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  stampApplied(owners, live, object, write);
  const managedFields = encodeManagedFields(owners);
  if (managedFields.length > 0) object.metadata.managedFields = managedFields;
  return object;
}

/** An apply that changed the object, or its own fields, is dated now. */
function stampApplied(
  owners: Owners,
  live: KubernetesObject | undefined,
  object: KubernetesObject,
  write: Write,
): void {
  if (live && jsonEqual(withoutManagedFields(live), object)) return;
  for (const owner of owners.values()) {
    if (owner.operation === 'Apply' && owner.manager === write.manager) owner.time = write.time;
  }
}

/** Name, UID, time and generation belong to the server, whatever was sent. */
function withServerMetadata(write: Write, object: KubernetesObject): KubernetesObject {
  const { kind, live, time, newUid } = write;
  const metadata = { ...object.metadata };
  metadata.uid = live?.metadata.uid ?? newUid();
  metadata.creationTimestamp = live?.metadata.creationTimestamp ?? time;
  metadata.generation = live ? live.metadata.generation : hasGeneration(kind) ? 1 : undefined;
  metadata.resourceVersion = live?.metadata.resourceVersion;
  metadata.deletionTimestamp = live?.metadata.deletionTimestamp;
  return cloneJson({ ...object, metadata });
}

function checkSent({ kind, sent, reference }: Write, duplicates: 'refused' | 'allowed'): void {
  const problems = metadataProblems(kind, sent);
  if (problems.length === 0) problems.push(...validateTypes(sent, kind.type(), duplicates));
  if (problems.length > 0) throw invalid(kind.kind, reference.name, problems);
}

function checkPreconditions({ kind, live, sent, reference }: Write): void {
  const { uid, resourceVersion } = sent.metadata;
  if (uid && live && uid !== live.metadata.uid) throw otherUid(kind, reference.name, uid, live.metadata.uid ?? '');
  if (resourceVersion && resourceVersion !== live?.metadata.resourceVersion) throw changedMeanwhile(kind, reference);
}

function specChanged(kind: ServedKind, live: KubernetesObject, object: KubernetesObject): boolean {
  const spec = ({ metadata, status, ...rest }: KubernetesObject) => ({
    ...rest,
    ...(kind.hasStatus ? {} : { status }),
    // The annotations of a Deployment are passed on to its ReplicaSets.
    ...(kind.kind === 'Deployment' && kind.group === 'apps' ? { annotations: metadata.annotations } : {}),
  });
  return !jsonEqual(spec(live), spec(object));
}

function bare(sent: KubernetesObject): KubernetesObject {
  const { name, namespace } = sent.metadata;
  return { apiVersion: sent.apiVersion, kind: sent.kind, metadata: namespace ? { name, namespace } : { name } };
}

function withoutManagedFields(object: PlainMap): PlainMap & { metadata: PlainMap } {
  const { managedFields: _owned, ...metadata } = isMap(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata };
}

function withoutStatus(kind: ServedKind, object: PlainMap): PlainMap {
  if (!kind.hasStatus) return { ...object };
  const { status: _status, ...rest } = object;
  return rest;
}

/** Custom resources keep their empty values, but for those of their metadata. */
function stored(kind: ServedKind, object: PlainMap): KubernetesObject {
  const { metadata, ...rest } = object;
  const kept = normalize(rest, kind.definition === undefined ? kind.type() : {}) as PlainMap;
  return { ...kept, metadata: normalize(metadata, objectMetaType()) } as KubernetesObject;
}
