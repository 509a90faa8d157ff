import type { KubernetesObject } from '#libs/kubernetes/object';
import { isMap, jsonEqual, type PlainMap } from '#libs/kubernetes/ssa/value';
import type { ServedKind } from './kinds';

const dataSizeBytes = 1024 * 1024;

type Check = (object: KubernetesObject, before: KubernetesObject | undefined) => string[];

const workload: Check = (object, before) => [...selectorProblems(object, before), ...templateProblems(object)];

/** The few rules of built-in kinds that releases break most often; the real server has many more. */
const checks: Record<string, Check> = {
  'apps/Deployment': workload,
  'apps/DaemonSet': workload,
  'apps/ReplicaSet': workload,
  'apps/StatefulSet': workload,
  'batch/Job': templateProblems,
  '/Pod': (object) => containerProblems(object['spec'], 'spec'),
  '/Service': serviceProblems,
  '/ConfigMap': dataProblems,
  '/Secret': dataProblems,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionProblems,
  'rbac.authorization.k8s.io/RoleBinding': roleRefProblems,
  'rbac.authorization.k8s.io/ClusterRoleBinding': roleRefProblems,
};

export function kindProblems(
  kind: ServedKind,
  object: KubernetesObject,
  before: KubernetesObject | undefined,
): string[] {
  return checks[`${kind.group}/${kind.kind}`]?.(object, before) ?? [];
}

function selectorProblems(object: KubernetesObject, before: KubernetesObject | undefined): string[] {
  const spec = mapAt(object, 'spec');
  const selector = spec['selector'];
  if (!isMap(selector)) return ['spec.selector: Required value'];
  const matchLabels = mapAt(selector, 'matchLabels');
  const problems: string[] = [];
  if (Object.keys(matchLabels).length === 0 && !Array.isArray(selector['matchExpressions'])) {
    problems.push('spec.selector: Invalid value: empty selector is invalid');
  }
  const labels = mapAt(mapAt(mapAt(spec, 'template'), 'metadata'), 'labels');
  if (Object.entries(matchLabels).some(([key, value]) => labels[key] !== value)) {
    problems.push('spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`');
  }
  if (before && !jsonEqual(mapAt(before, 'spec')['selector'], selector)) {
    problems.push('spec.selector: Invalid value: field is immutable');
  }
  return problems;
}

function templateProblems(object: KubernetesObject): string[] {
  const template = mapAt(object, 'spec')['template'];
  return isMap(template)
    ? containerProblems(template['spec'], 'spec.template.spec')
    : ['spec.template: Required value'];
}

function containerProblems(spec: unknown, path: string): string[] {
  const containers = isMap(spec) ? spec['containers'] : undefined;
  if (!Array.isArray(containers) || containers.length === 0) return [`${path}.containers: Required value`];
  const names = new Set<unknown>();
  return containers.flatMap((container: unknown, index) => {
    const fields = isMap(container) ? container : {};
    const problems = ['name', 'image'].filter((field) => !fields[field]).map((field) => `${field}: Required value`);
    if (names.has(fields['name'])) problems.push('name: Duplicate value');
    names.add(fields['name']);
    return problems.map((problem) => `${path}.containers[${index}].${problem}`);
  });
}

function serviceProblems(object: KubernetesObject): string[] {
  const spec = mapAt(object, 'spec');
  const ports = Array.isArray(spec['ports']) ? spec['ports'] : [];
  if (ports.length === 0 && spec['type'] !== 'ExternalName' && spec['clusterIP'] !== 'None')
    return ['spec.ports: Required value'];
  return ports.flatMap((item: unknown, index) => {
    const port = isMap(item) ? item['port'] : undefined;
    const valid = typeof port === 'number' && port >= 1 && port <= 65535;
    const unnamed = ports.length > 1 && !(isMap(item) && item['name']);
    return [
      ...(valid ? [] : [`spec.ports[${index}].port: Invalid value: must be between 1 and 65535, inclusive`]),
      ...(unnamed ? [`spec.ports[${index}].name: Required value`] : []),
    ];
  });
}

function dataProblems(object: KubernetesObject, before: KubernetesObject | undefined): string[] {
  const data = { ...mapAt(object, 'data'), ...mapAt(object, 'binaryData') };
  const problems: string[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(data)) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key))
      problems.push(`data[${key}]: Invalid value: a valid config key is letters, digits, -, _ or .`);
    sizeBytes += typeof value === 'string' ? Buffer.byteLength(value) : 0;
  }
  if (sizeBytes > dataSizeBytes) problems.push(`data: Too long: may not be more than ${dataSizeBytes} bytes`);
  if (before?.['immutable'] === true && !jsonEqual(before['data'], object['data'])) {
    problems.push('data: Forbidden: field is immutable when `immutable` is set');
  }
  if (object.kind === 'Secret' && before && before['type'] !== object['type'])
    problems.push('type: Invalid value: field is immutable');
  return problems;
}

function definitionProblems(object: KubernetesObject): string[] {
  const spec = mapAt(object, 'spec');
  const names = mapAt(spec, 'names');
  const problems: string[] = [];
  if (object.metadata.name !== `${String(names['plural'])}.${String(spec['group'])}`) {
    problems.push('metadata.name: Invalid value: must be spec.names.plural+"."+spec.group');
  }
  if (typeof names['kind'] !== 'string') problems.push('spec.names.kind: Required value');
  if (spec['scope'] !== 'Namespaced' && spec['scope'] !== 'Cluster')
    problems.push('spec.scope: Unsupported value: Cluster or Namespaced');
  const versions = Array.isArray(spec['versions']) ? spec['versions'].filter(isMap) : [];
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    problems.push('spec.versions: Invalid value: must have exactly one version marked as storage version');
  }
  versions.forEach((version, index) => {
    if (!isMap(mapAt(version, 'schema')['openAPIV3Schema'])) {
      problems.push(`spec.versions[${index}].schema.openAPIV3Schema: Required value: schemas are required`);
    }
  });
  return problems;
}

function roleRefProblems(object: KubernetesObject, before: KubernetesObject | undefined): string[] {
  if (!before || jsonEqual(before['roleRef'], object['roleRef'])) return [];
  return ['roleRef: Invalid value: cannot change roleRef'];
}

function mapAt(value: PlainMap, key: string): PlainMap {
  const found = value[key];
  return isMap(found) ? found : {};
}
