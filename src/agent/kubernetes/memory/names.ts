import type { KubernetesObject } from '#libs/kubernetes/object';
import type { ServedKind } from './kinds';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const annotationsSizeBytes = 256 * 1024;

/** What is wrong with the metadata, field by field, as the server says it of a real object. */
export function metadataProblems(kind: ServedKind, object: KubernetesObject): string[] {
  const { name, namespace, labels, annotations } = object.metadata;
  const problems: string[] = [];
  if (typeof name !== 'string' || name === '') problems.push('metadata.name: Required value: name is required');
  else if (!validName(kind, name)) problems.push(`metadata.name: Invalid value: "${name}"`);
  if (kind.namespaced && !namespace) problems.push('metadata.namespace: Required value: the kind is namespaced');
  if (!kind.namespaced && namespace) problems.push('metadata.namespace: Forbidden: the kind is cluster-scoped');
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!qualifiedName.test(key)) problems.push(`metadata.labels: Invalid value: "${key}"`);
    if (typeof value !== 'string') problems.push(`metadata.labels.${key}: expected string`);
    else if (value.length > 63 || !labelValue.test(value)) problems.push(`metadata.labels: Invalid value: "${value}"`);
  }
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (!qualifiedName.test(key.toLowerCase())) problems.push(`metadata.annotations: Invalid value: "${key}"`);
    sizeBytes += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  if (sizeBytes > annotationsSizeBytes)
    problems.push(`metadata.annotations: Too long: may not be more than ${annotationsSizeBytes} bytes`);
  return problems;
}

function validName(kind: ServedKind, name: string): boolean {
  if (kind.group === 'rbac.authorization.k8s.io') return name !== '.' && name !== '..' && !/[/%]/.test(name);
  if (kind.group === '' && (kind.kind === 'Namespace' || kind.kind === 'Service')) return dnsLabel.test(name);
  return name.length <= 253 && dnsSubdomain.test(name);
}
