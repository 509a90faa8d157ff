import { isDeepStrictEqual } from 'node:util';
import type { Declaration } from './check';

/** As much of a resource as a declaration can change. */
export interface Current {
  metadata: { labels?: Record<string, string>; version?: number };
  spec: object;
}

/**
 * The document to send. What the file does not say of a cluster stays as it is: a file without `cordoned` must not put a
 * cluster back that somebody cordoned during an incident.
 */
export function documentFor(
  { kind, document, written }: Declaration,
  current: Current | undefined,
): Declaration['document'] {
  if (kind !== 'Cluster' || current === undefined) return document;
  const kept = Object.entries(current.spec).filter(([field]) => !(field in (written.spec ?? {})));
  const labels = 'labels' in (written.metadata ?? {}) ? document.metadata.labels : (current.metadata.labels ?? {});
  return {
    ...document,
    metadata: { ...document.metadata, labels },
    spec: { ...document.spec, ...Object.fromEntries(kept) },
  };
}

/** Whether sending the document changes nothing. Of what is written and never read (credentials) only the hub knows. */
export function isUnchanged(document: Declaration['document'], current: Current): boolean {
  const spec = definedOf(document.spec);
  if ('credentials' in spec || 'webhookSecret' in spec) return false;
  if ('labels' in document.metadata && !isDeepStrictEqual(document.metadata.labels, current.metadata.labels ?? {}))
    return false;
  return isDeepStrictEqual(spec, definedOf(current.spec));
}

/** As JSON has it. */
function definedOf(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
