import { groupOf, type KubernetesObject } from '#libs/kubernetes/object';
import type { NameProblem } from './names';

export type SecretResult = { ok: true; object: KubernetesObject } | { ok: false; problem: NameProblem };

/**
 * Refuses a Secret that holds something, unless the application allows it. Folds `stringData` into `data`, and writes
 * `data` as the API server gives it back, so that neither looks like drift. No problem shows a value or how long it is.
 */
export function normaliseSecret(object: KubernetesObject, allowSecrets: boolean): SecretResult {
  if (object.kind !== 'Secret' || groupOf(object.apiVersion) !== '') return { ok: true, object };
  const { data, stringData, ...rest } = object;
  const encoded = members(data);
  const plain = members(stringData);
  if (!encoded || !plain) {
    const field = encoded ? 'stringData' : 'data';
    return { ok: false, problem: { field, message: 'this is not a map', remedy: 'write it as names with values' } };
  }
  if (encoded.length + plain.length === 0) return { ok: true, object: rest };
  if (!allowSecrets) {
    const remedy = 'keep it out of Git (a sealed or external secret), or set allowSecrets on the application';
    return { ok: false, problem: { field: field(encoded), message: 'the Secret holds data', remedy } };
  }
  const folded: Record<string, string> = {};
  for (const [key, value] of encoded) {
    const canonical = canonicalBase64(value);
    if (canonical === undefined) {
      const remedy = 'encode it, or move it to stringData';
      return { ok: false, problem: { field: `data[${JSON.stringify(key)}]`, message: 'this is not base64', remedy } };
    }
    folded[key] = canonical;
  }
  for (const [key, value] of plain) {
    if (typeof value !== 'string') {
      const problem = { field: `stringData[${JSON.stringify(key)}]`, message: 'this is not text', remedy: 'quote it' };
      return { ok: false, problem };
    }
    folded[key] = Buffer.from(value).toString('base64');
  }
  return { ok: true, object: { ...rest, data: folded } as unknown as KubernetesObject };
}

function field(encoded: readonly unknown[]): string {
  return encoded.length > 0 ? 'data' : 'stringData';
}

function members(value: unknown): [string, unknown][] | undefined {
  if (value === undefined || value === null) return [];
  return typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined;
}

/** As Go decodes it, line ends left out, and encodes it again. */
function canonicalBase64(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value !== 'string') return undefined;
  const encoded = value.replace(/[\r\n]/g, '');
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined;
  return Buffer.from(encoded, 'base64').toString('base64');
}
