/**
 * The order in which kinds are applied, as a table: kinds of one row may be applied at once, and need at most what stands
 * in rows above. Kinds that are not here are custom resources; webhooks come last, so that they never judge the objects
 * that their own servers are made of.
 */
const rows: readonly (readonly string[])[] = [
  [
    'scheduling.k8s.io/PriorityClass',
    'node.k8s.io/RuntimeClass',
    'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  ],
  ['/ResourceQuota', '/LimitRange', 'networking.k8s.io/NetworkPolicy', 'flowcontrol.apiserver.k8s.io/FlowSchema'],
  ['/ServiceAccount'],
  ['/Secret'],
  ['/ConfigMap'],
  ['storage.k8s.io/CSIDriver', 'storage.k8s.io/StorageClass', 'storage.k8s.io/VolumeAttributesClass'],
  ['/PersistentVolume'],
  ['/PersistentVolumeClaim'],
  ['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/Role'],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', 'rbac.authorization.k8s.io/RoleBinding'],
  ['/Service'],
  ['/Endpoints', 'discovery.k8s.io/EndpointSlice'],
  ['policy/PodDisruptionBudget'],
  [
    '/Pod',
    '/PodTemplate',
    '/ReplicationController',
    'apps/ControllerRevision',
    'apps/DaemonSet',
    'apps/Deployment',
    'apps/ReplicaSet',
    'apps/StatefulSet',
  ],
  ['batch/Job', 'batch/CronJob'],
  ['autoscaling/HorizontalPodAutoscaler'],
  ['networking.k8s.io/IngressClass', 'gateway.networking.k8s.io/GatewayClass'],
  ['networking.k8s.io/Ingress', 'gateway.networking.k8s.io/Gateway'],
  ['apiregistration.k8s.io/APIService'],
];

const lastKinds = [
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
];
// Bindings put a policy in force, so the policy stands first.
const veryLastKinds = [
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
];

const customResources = rows.length;
const ranks = new Map<string, number>([
  ...rows.flatMap((kinds, rank) => kinds.map((kind) => [kind, rank] as const)),
  ...lastKinds.map((kind) => [kind, customResources + 1] as const),
  ...veryLastKinds.map((kind) => [kind, customResources + 2] as const),
]);

/** Lower is applied earlier; kinds of one rank may be applied at once. */
export function kindRank(group: string, kind: string): number {
  return ranks.get(`${group}/${kind}`) ?? customResources;
}

export function isNamespace(reference: { group: string; kind: string }): boolean {
  return reference.group === '' && reference.kind === 'Namespace';
}

export function isCustomResourceDefinition(reference: { group: string; kind: string }): boolean {
  return reference.group === 'apiextensions.k8s.io' && reference.kind === 'CustomResourceDefinition';
}
