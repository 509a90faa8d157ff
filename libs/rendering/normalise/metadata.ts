import type { KubernetesObject, ObjectMeta } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import { fieldPath } from '../field-path';
import type { NameProblem } from './names';
import type { Scope } from './scope';

const serverSet = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'selfLink',
  'generateName',
] as const;
// What `kubectl apply` keeps for itself: a copy of the whole object, of a Secret's data too.
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export interface MetadataInput {
  scope: Scope;
  /** For namespaced objects that name none. */
  namespace: string;
  application: string;
}

/** Labels and annotations must be text: a bare `1.0` or `yes` is none. */
export function checkTexts(object: KubernetesObject): NameProblem | undefined {
  const metadata = object.metadata as unknown as Record<string, unknown>;
  for (const field of ['labels', 'annotations'] as const) {
    const map = metadata[field];
    if (map === undefined || map === null) continue;
    if (typeof map !== 'object' || Array.isArray(map)) {
      return { field: `metadata.${field}`, message: 'this is not a map', remedy: 'write it as names with values' };
    }
    const wrong = Object.entries(map).find(([, value]) => typeof value !== 'string');
    if (wrong)
      return { field: fieldPath(['metadata', field, wrong[0]]), message: 'this is not text', remedy: 'quote it' };
  }
  return undefined;
}

/** The metadata that we send: nothing that the API server sets, a namespace where there must be one, and our label. */
export function normaliseMetadata(object: KubernetesObject, input: MetadataInput): ObjectMeta {
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const field of serverSet) delete metadata[field];
  if (input.scope === 'cluster') delete metadata.namespace;
  else metadata.namespace = object.metadata.namespace || input.namespace;
  metadata.labels = { ...object.metadata.labels, [applicationLabel]: input.application };
  const { [lastApplied]: _dropped, ...annotations } = object.metadata.annotations ?? {};
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
  return metadata as unknown as ObjectMeta;
}
