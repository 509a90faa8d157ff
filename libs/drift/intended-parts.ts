import type { KubernetesObject } from '#libs/kubernetes/object';

/** Of metadata, what can be intended: the rest names the object, or is the server's. */
const metadataParts = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/**
 * What of an object can be intended: not its name, and not its status, which controllers write. A Secret's `stringData`
 * is what the API server makes of it: entries of `data`.
 */
export function intendedParts(object: KubernetesObject): Record<string, unknown> {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...rest } = object;
  const kept: Record<string, unknown> = {};
  for (const name of metadataParts) if (metadata[name] !== undefined) kept[name] = metadata[name];
  const parts = isSecret(object) ? withPlainData(rest) : rest;
  return Object.keys(kept).length > 0 ? { ...parts, metadata: kept } : parts;
}

export function isSecret(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

/** Whether the values at `path` (names from the top) must not be seen. */
export function isSensitive(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>, path: readonly string[]): boolean {
  if (!isSecret(object)) return false;
  if (path[0] === 'data' || path[0] === 'stringData') return true;
  // kubectl keeps the whole Secret here.
  return path[1] === 'annotations' && path[2] === 'kubectl.kubernetes.io/last-applied-configuration';
}

function withPlainData({ stringData, ...rest }: Record<string, unknown>): Record<string, unknown> {
  if (typeof stringData !== 'object' || stringData === null) return rest;
  const encoded = Object.entries(stringData).map(([name, text]) => {
    return [name, typeof text === 'string' ? Buffer.from(text, 'utf8').toString('base64') : text] as const;
  });
  const data = typeof rest['data'] === 'object' && rest['data'] !== null ? rest['data'] : {};
  return { ...rest, data: Object.fromEntries([...Object.entries(data), ...encoded]) };
}
