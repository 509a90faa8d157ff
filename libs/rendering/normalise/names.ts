import { groupOf, type KubernetesObject } from '#libs/kubernetes/object';

export interface NameProblem {
  field: string;
  message: string;
  remedy: string;
}

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const apiVersion = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const kind = /^[A-Z][A-Za-z0-9]{0,62}$/;
// These take names such as `system:node`.
const freeNames = new Set(['rbac.authorization.k8s.io', 'certificates.k8s.io']);

/** What Kubernetes would refuse in the names of an object, said before it is on its way to a thousand clusters. */
export function checkNames(object: KubernetesObject): NameProblem | undefined {
  const { name, namespace, generateName } = object.metadata as unknown as Record<string, unknown>;
  if (!apiVersion.test(object.apiVersion)) {
    return { field: 'apiVersion', message: 'the apiVersion is not valid', remedy: 'write it as in v1 or apps/v1' };
  }
  if (!kind.test(object.kind)) {
    return { field: 'kind', message: 'the kind is not valid', remedy: 'write it as in ConfigMap' };
  }
  if (generateName !== undefined && generateName !== null) {
    const message = 'generateName would make another object at every apply';
    return { field: 'metadata.generateName', message, remedy: 'set metadata.name' };
  }
  if (name === undefined || name === null || name === '') {
    return { field: 'metadata.name', message: 'the object has no name', remedy: 'set metadata.name' };
  }
  if (typeof name !== 'string') {
    return { field: 'metadata.name', message: 'the name is not text', remedy: 'quote it' };
  }
  if (!isValidName(name, groupOf(object.apiVersion))) {
    const message = 'the name is not valid';
    return { field: 'metadata.name', message, remedy: 'use up to 253 of a-z, 0-9, `-` and `.`, as in web-1' };
  }
  if (namespace === undefined || namespace === null || namespace === '') return undefined;
  if (typeof namespace === 'string' && namespace.length <= 63 && label.test(namespace)) return undefined;
  const remedy = 'use up to 63 of a-z, 0-9 and `-`';
  return { field: 'metadata.namespace', message: 'the namespace is not valid', remedy };
}

function isValidName(name: string, group: string): boolean {
  if (name.length > 253) return false;
  const builtIn = !group.includes('.') || group.endsWith('.k8s.io');
  if (builtIn && !freeNames.has(group)) return subdomain.test(name);
  return !/[/%]/.test(name) && name !== '.' && name !== '..';
}
