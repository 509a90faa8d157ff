import { createHash } from 'node:crypto';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { isMap, type PlainMap } from '#libs/kubernetes/ssa/value';
import type { ServedKind } from './kinds';

type Defaulter = (object: KubernetesObject) => void;

/** The defaults that others read: replicas, ports, types. Each changes the object that it is given. */
const defaulters: Record<string, Defaulter> = {
  'apps/Deployment': workload,
  'apps/ReplicaSet': workload,
  'apps/StatefulSet': workload,
  'apps/DaemonSet': (object) => podTemplate(specOf(object)),
  'batch/Job': (object) => podTemplate(specOf(object)),
  '/Pod': (object) => containerPorts(specOf(object)),
  '/Service': service,
  '/Secret': secret,
  '/Namespace': namespace,
};

export function setDefaults(kind: ServedKind, object: KubernetesObject): void {
  defaulters[`${kind.group}/${kind.kind}`]?.(object);
}

function workload(object: KubernetesObject): void {
  const spec = specOf(object);
  spec['replicas'] ??= 1;
  podTemplate(spec);
}

function podTemplate(spec: PlainMap): void {
  const template = spec['template'];
  if (isMap(template) && isMap(template['spec'])) containerPorts(template['spec']);
}

function containerPorts(spec: PlainMap): void {
  for (const container of [...items(spec['containers']), ...items(spec['initContainers'])]) {
    for (const port of items(container['ports'])) port['protocol'] ??= 'TCP';
  }
}

function service(object: KubernetesObject): void {
  const spec = specOf(object);
  spec['type'] ??= 'ClusterIP';
  for (const port of items(spec['ports'])) {
    port['protocol'] ??= 'TCP';
    port['targetPort'] ??= port['port'];
  }
  if (spec['type'] === 'ExternalName' || spec['clusterIP'] !== undefined) return;
  const digest = createHash('sha256').update(`${object.metadata.namespace}/${object.metadata.name}`).digest();
  spec['clusterIP'] = `10.96.${digest[0]}.${1 + ((digest[1] ?? 0) % 254)}`;
  spec['clusterIPs'] ??= [spec['clusterIP']];
}

/** `stringData` is a way to write `data`, and is never read back. */
function secret(object: KubernetesObject): void {
  object['type'] ??= 'Opaque';
  const plain = object['stringData'];
  delete object['stringData'];
  if (!isMap(plain)) return;
  const data: PlainMap = isMap(object['data']) ? object['data'] : {};
  for (const [key, value] of Object.entries(plain)) data[key] = Buffer.from(String(value)).toString('base64');
  object['data'] = data;
}

function namespace(object: KubernetesObject): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  specOf(object)['finalizers'] ??= ['kubernetes'];
}

function specOf(object: KubernetesObject): PlainMap {
  if (!isMap(object['spec'])) object['spec'] = {};
  return object['spec'] as PlainMap;
}

function items(value: unknown): PlainMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
