import { LRUCache } from 'lru-cache';
import type { KubernetesObject } from '#libs/kubernetes/object';

type Metadata = KubernetesObject['metadata'];

/** Sets of fields by their JSON. Many clusters in a process have the same objects, and what is stored is never changed. */
const sets = new LRUCache<string, object>({ max: 2_000 });

/** The same metadata; sets of owned fields that were met before are the same values. */
export function withSharedFields(metadata: Metadata): Metadata {
  const { managedFields } = metadata;
  if (managedFields === undefined) return metadata;
  return {
    ...metadata,
    managedFields: managedFields.map((entry) =>
      entry.fieldsV1 === undefined ? entry : { ...entry, fieldsV1: shared(entry.fieldsV1) },
    ),
  };
}

function shared<T extends object>(fields: T): T {
  const key = JSON.stringify(fields);
  const known = sets.get(key);
  if (known !== undefined) return known as T;
  sets.set(key, fields);
  return fields;
}
