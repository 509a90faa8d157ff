import { shownValue } from '#libs/drift/shown';
import { describeObject, type JsonValue, type KubernetesObject, objectKey, referenceOf } from '#libs/kubernetes/object';
import { diffFields, type FieldChange } from './field-diff';

export interface ObjectChange {
  /** As of `objectKey`. */
  object: string;
  /** As people write it: `Deployment web/api`. */
  name: string;
  change: 'added' | 'removed' | 'changed';
  /** Of a changed object. */
  fields: FieldChange[];
  /** How many more fields differ than are listed. */
  moreFields: number;
}

/** What stands for a secret value: the same for the same value of the same object, and of no use for finding it. */
export type Mask = (value: JsonValue, object: string) => string;

const maxFields = 200;
const lastApplied = 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]';

/** What becomes of a set of objects when it is replaced by another, by object. Values of Secrets are shown masked only. */
export function diffObjects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  mask: Mask,
): ObjectChange[] {
  const [left, right] = [byKey(before), byKey(after)];
  const changes: ObjectChange[] = [];
  for (const key of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [old, now] = [left.get(key), right.get(key)];
    const either = now ?? old;
    if (either === undefined) continue;
    const head = { object: key, name: describeObject(referenceOf(either)) };
    if (old === undefined) changes.push({ ...head, change: 'added', fields: [], moreFields: 0 });
    else if (now === undefined) changes.push({ ...head, change: 'removed', fields: [], moreFields: 0 });
    else {
      const { changes: fields, more } = diffObject(key, old, now, mask);
      if (fields.length > 0) changes.push({ ...head, change: 'changed', fields, moreFields: more });
    }
  }
  return changes;
}

function diffObject(key: string, before: KubernetesObject, after: KubernetesObject, mask: Mask) {
  const isSecret = before.kind === 'Secret' && key.startsWith('/Secret/');
  const isHidden = (path: string) => isSecret && (/^(data|stringData)\b/.test(path) || path === lastApplied);
  return diffFields(before as unknown as JsonValue, after as unknown as JsonValue, {
    show: (value, path) => (isHidden(path) ? mask(value, key) : shownValue(value, undefined)),
    isOpened: (path) => isSecret && (path === 'data' || path === 'stringData' || path === 'metadata.annotations'),
    maxChanges: maxFields,
  });
}

function byKey(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(objects.map((object) => [objectKey(referenceOf(object)), object]));
}
