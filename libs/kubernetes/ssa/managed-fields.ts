import type { ManagedFieldsEntry } from '#libs/kubernetes/object';
import { fromFieldsV1, isEmpty, type PathSet, setsEqual, toFieldsV1 } from './path-set';

/** Who owns what of one object; `id` tells apart what one manager applied, updated, and did to a subresource. */
export interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  time?: string;
  fields: PathSet;
}

export type Owners = Map<string, Owner>;

export function ownerId(owner: Omit<Owner, 'fields' | 'time'>): string {
  const apiVersion = owner.operation === 'Apply' ? '' : owner.apiVersion;
  return JSON.stringify([owner.manager, owner.operation, apiVersion, owner.subresource ?? '']);
}

export function decodeManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): Owners {
  const owners: Owners = new Map();
  for (const entry of entries ?? []) {
    const owner: Owner = {
      manager: entry.manager ?? '',
      operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
      apiVersion: entry.apiVersion ?? '',
      fields: fromFieldsV1(entry.fieldsV1 ?? {}),
    };
    if (entry.subresource) owner.subresource = entry.subresource;
    if (entry.time) owner.time = entry.time;
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

/** Entries in the order of the API server: applied before updated, then by time and name. */
export function encodeManagedFields(owners: Owners): ManagedFieldsEntry[] {
  const sorted = [...owners.values()].filter((owner) => !isEmpty(owner.fields)).sort(compareOwners);
  return sorted.map((owner) => ({
    manager: owner.manager,
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time ? { time: owner.time } : {}),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(owner.fields),
    ...(owner.subresource ? { subresource: owner.subresource } : {}),
  }));
}

function compareOwners(left: Owner, right: Owner): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource ?? '', right.subresource ?? '')
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether the same managers own the same fields, whenever it was. */
export function ownersEqual(left: Owners, right: Owners): boolean {
  if (left.size !== right.size) return false;
  for (const [id, owner] of left) {
    const other = right.get(id);
    if (!other || other.apiVersion !== owner.apiVersion || !setsEqual(owner.fields, other.fields)) return false;
  }
  return true;
}
