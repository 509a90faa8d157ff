import { randomBytes } from 'node:crypto';

export interface SizedConfigMap {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  data: { payload: string };
}

/** A ConfigMap of exactly so many bytes of JSON, filled with random base64 text, of which compression takes a quarter at most. */
export function configMapOf(name: string, namespace: string, sizeBytes: number): SizedConfigMap {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { payload: '' } };
  const room = sizeBytes - JSON.stringify(object).length;
  if (room < 0) throw new RangeError(`a ConfigMap is larger than ${sizeBytes} bytes`);
  object.data.payload = randomBytes(room).toString('base64').slice(0, room);
  return object;
}
