import type { KubernetesObject } from '#libs/kubernetes/object';
import { groupOf } from '#libs/kubernetes/object';

export type Scope = 'cluster' | 'namespace';

/** Kinds of Kubernetes itself that live in no namespace, by group; from the `nonNamespaced` marks of its API, 1.36. */
const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  '': ['ComponentStatus', 'Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'internal.apiserver.k8s.io': ['StorageVersion'],
  'networking.k8s.io': ['IPAddress', 'IngressClass', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'DeviceTaintRule', 'ResourcePoolStatusRequest', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storagemigration.k8s.io': ['StorageVersionMigration'],
};

const builtIn = new Map<string, Scope>();
for (const [group, kinds] of Object.entries(clusterScoped)) {
  for (const kind of kinds) builtIn.set(`${group}/${kind}`, 'cluster');
}

/** The scopes that the definitions among the objects declare, by `group/Kind`. */
export function declaredScopes(objects: readonly KubernetesObject[]): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io') continue;
    const spec = object.spec as
      { group?: unknown; scope?: unknown; names?: { kind?: unknown } | null } | null | undefined;
    const kind = spec?.names?.kind;
    if (typeof spec?.group !== 'string' || typeof kind !== 'string') continue;
    scopes.set(`${spec.group}/${kind}`, spec.scope === 'Cluster' ? 'cluster' : 'namespace');
  }
  return scopes;
}

/** Kinds that nobody declares are taken to be namespaced. */
export function scopeOf(object: KubernetesObject, declared: ReadonlyMap<string, Scope>): Scope {
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  return builtIn.get(key) ?? declared.get(key) ?? 'namespace';
}
