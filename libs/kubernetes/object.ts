/** Kubernetes objects as plain values: what identifies one, and what every one carries. */

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: JsonObject;
  subresource?: string;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** What names one object in one cluster. `version` is how to address it, and no part of its identity. */
export interface ObjectReference {
  group: string;
  version: string;
  kind: string;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

export function apiVersionOf(reference: Pick<ObjectReference, 'group' | 'version'>): string {
  return reference.group === '' ? reference.version : `${reference.group}/${reference.version}`;
}

export function referenceOf(object: KubernetesObject): ObjectReference {
  return {
    group: groupOf(object.apiVersion),
    version: versionOf(object.apiVersion),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  };
}

/** The identity of an object within a cluster as a string: `group/Kind/namespace/name`, without the version. */
export function objectKey(reference: Pick<ObjectReference, 'group' | 'kind' | 'namespace' | 'name'>): string {
  return `${reference.group}/${reference.kind}/${reference.namespace}/${reference.name}`;
}

/** As people write it: `Deployment web/api`, `ClusterRole reader`, `Certificate.cert-manager.io web/tls`. */
export function describeObject(reference: Pick<ObjectReference, 'group' | 'kind' | 'namespace' | 'name'>): string {
  const builtIn = reference.group === '' || !reference.group.includes('.') || reference.group.endsWith('.k8s.io');
  const kind = builtIn ? reference.kind : `${reference.kind}.${reference.group}`;
  return `${kind} ${reference.namespace === '' ? '' : `${reference.namespace}/`}${reference.name}`;
}
