import type { ObjectMeta } from '#libs/kubernetes/object';
import { KubernetesError, type WatchEvent } from '../port';
import { statusError } from './status-errors';

const partial = 'g=meta.k8s.io;v=v1,application/json';
/** The server leaves everything but the metadata out. */
export const headList = `application/json;as=PartialObjectMetadataList;${partial}`;
export const headOfWatch = `application/json;as=PartialObjectMetadata;${partial}`;

interface RawEvent {
  type?: string;
  object?: { metadata?: ObjectMeta; code?: number };
}

const types: Readonly<Record<string, 'added' | 'modified' | 'deleted'>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

/** Undefined for what this version does not know. Throws what the server says in an event of type ERROR. */
export function watchEventOf(line: string): WatchEvent | undefined {
  let event: RawEvent;
  try {
    event = JSON.parse(line) as RawEvent;
  } catch (cause) {
    throw new KubernetesError('unavailable', 'an event of a watch is not JSON', { cause });
  }
  const { object } = event;
  if (event.type === 'ERROR') {
    throw statusError({ status: object?.code ?? 500, body: JSON.stringify(object ?? {}), retryAfter: undefined });
  }
  const { metadata } = object ?? {};
  if (metadata === undefined) return undefined;
  if (event.type === 'BOOKMARK') return { type: 'bookmark', resourceVersion: metadata.resourceVersion ?? '' };
  const type = types[event.type ?? ''];
  return type && { type, head: { metadata } };
}
