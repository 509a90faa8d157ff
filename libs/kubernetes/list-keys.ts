import { podSpecFields } from './pod-spec-fields';
import { atomic, below, by, set, type Fields, type Topology } from './topology';

/**
 * How server-side apply divides the fields of the built-in kinds: a small part of the API server's schema, which clients
 * cannot cheaply ask for. What is not here is what the API server does by default: a list is one value, a map or a
 * struct is divided by its fields.
 */

const metadataFields: Fields = { ownerReferences: by('uid'), finalizers: set };

const withTemplate: Fields = {
  ...below('spec.template.spec', podSpecFields),
  ...below('spec.template.metadata', metadataFields),
  'spec.selector': atomic,
};

const jobSpecFields: Fields = { ...below('template.spec', podSpecFields), selector: atomic };

const webhookFields: Fields = {
  webhooks: by('name'),
  'webhooks.matchConditions': by('name'),
  'webhooks.namespaceSelector': atomic,
  'webhooks.objectSelector': atomic,
};

const admissionPolicyFields: Fields = {
  'spec.matchConditions': by('name'),
  'spec.variables': by('name'),
  'spec.paramKind': atomic,
};

const kinds: Readonly<Record<string, Fields>> = {
  '/Pod': below('spec', podSpecFields),
  '/PodTemplate': below('template.spec', podSpecFields),
  '/ReplicationController': withTemplate,
  'apps/Deployment': withTemplate,
  'apps/ReplicaSet': withTemplate,
  'apps/DaemonSet': withTemplate,
  'apps/StatefulSet': withTemplate,
  'batch/Job': below('spec', jobSpecFields),
  'batch/CronJob': below('spec.jobTemplate.spec', jobSpecFields),
  '/Service': {
    'spec.ports': { type: 'map', keys: ['port', 'protocol'], defaults: { protocol: 'TCP' } },
    'spec.selector': atomic,
  },
  '/ServiceAccount': { secrets: by('name') },
  '/PersistentVolumeClaim': { 'spec.selector': atomic, 'spec.dataSource': atomic },
  '/Node': { 'spec.podCIDRs': set },
  'policy/PodDisruptionBudget': { 'spec.selector': atomic },
  'networking.k8s.io/NetworkPolicy': { 'spec.podSelector': atomic },
  'networking.k8s.io/Ingress': { 'spec.defaultBackend.resource': atomic },
  'rbac.authorization.k8s.io/RoleBinding': { roleRef: atomic },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { roleRef: atomic },
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookFields,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookFields,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': admissionPolicyFields,
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': admissionPolicyFields,
};

const everyKind: Fields = {
  ...below('metadata', metadataFields),
  'status.conditions': by('type'),
};

/**
 * How the field at `path` is divided: field names from the top, without the keys of list entries, joined by dots
 * (`spec.template.spec.containers.env`). Undefined where the schema says nothing of its own.
 */
export function topologyOf(group: string, kind: string, path: string): Topology | undefined {
  return kinds[`${group}/${kind}`]?.[path] ?? everyKind[path];
}
