import type { JsonValue, KubernetesObject } from '#libs/kubernetes/object';
import { agentNamespace, platformBinding, platformServiceAccount } from '#src/agent/names';

export const agentServiceAccount = 'flotilla-agent';
/** `namespace/name`, as a cluster's `spec.serviceAccount`. */
export const ownPlatformAccount = `${agentNamespace}/${platformServiceAccount}`;

const rbac = 'rbac.authorization.k8s.io';
const rbacVersion = `${rbac}/v1`;
const labels = { 'app.kubernetes.io/name': 'flotilla-agent', 'app.kubernetes.io/part-of': 'flotilla' };

/**
 * `*` covers subresources as well, and getting `nodes/proxy` or, before Kubernetes 1.35, `pods/exec` is as good as being
 * admin. An agent that may act as a cluster admin has that anyway; any other one gets named kinds, without Secrets.
 */
const everything: Record<string, string[]> = { '*': ['*'] };
const builtIn: Record<string, string[]> = {
  '': [
    'configmaps',
    'endpoints',
    'events',
    'limitranges',
    'namespaces',
    'nodes',
    'persistentvolumeclaims',
    'persistentvolumes',
    'pods',
    'podtemplates',
    'replicationcontrollers',
    'resourcequotas',
    'serviceaccounts',
    'services',
  ],
  'admissionregistration.k8s.io': ['*'],
  'apiextensions.k8s.io': ['*'],
  'apiregistration.k8s.io': ['*'],
  apps: ['*'],
  autoscaling: ['*'],
  batch: ['*'],
  'coordination.k8s.io': ['*'],
  'discovery.k8s.io': ['*'],
  'gateway.networking.k8s.io': ['*'],
  'networking.k8s.io': ['*'],
  'node.k8s.io': ['*'],
  policy: ['*'],
  [rbac]: ['*'],
  'scheduling.k8s.io': ['*'],
  'storage.k8s.io': ['*'],
};

function rulesOf(kinds: Record<string, string[]>): JsonValue {
  return Object.entries(kinds).map(([group, resources]) => ({
    apiGroups: [group],
    resources,
    verbs: ['get', 'list', 'watch'],
  }));
}

/**
 * What an agent needs in its cluster, in the order in which it is applied; the same for one that runs there and for one that
 * the hub hosts. It reads everything, so as to compare and to judge health, keeps its own books in its own namespace, renews
 * its own token, and changes nothing else but as the account that applications are applied as.
 * @param platform `namespace/name` of that account. Our own is made here, as cluster admin; another one must be there.
 */
export function agentManifests(platform: string = ownPlatformAccount): KubernetesObject[] {
  const [namespace = '', name = ''] = platform.split('/');
  const isOwn = platform === ownPlatformAccount;
  const impersonation = 'flotilla-agent-impersonation';
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: agentNamespace,
        labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    serviceAccount(agentServiceAccount),
    ...(isOwn
      ? [serviceAccount(platformServiceAccount), clusterRoleBinding(platformBinding, 'cluster-admin', name)]
      : []),
    {
      apiVersion: rbacVersion,
      kind: 'ClusterRole',
      metadata: { name: agentServiceAccount, labels },
      rules: rulesOf(isOwn ? everything : builtIn),
    },
    clusterRoleBinding(agentServiceAccount, agentServiceAccount, agentServiceAccount),
    role(agentServiceAccount, agentNamespace, [
      {
        apiGroups: [''],
        resources: ['configmaps', 'secrets'],
        verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['serviceaccounts/token'],
        resourceNames: [agentServiceAccount],
        verbs: ['create'],
      },
    ]),
    roleBinding(agentServiceAccount, agentNamespace),
    role(impersonation, namespace, [
      { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: [name], verbs: ['impersonate'] },
    ]),
    roleBinding(impersonation, namespace),
  ];
}

function serviceAccount(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: agentNamespace, labels } };
}

function clusterRoleBinding(name: string, role: string, subject: string): KubernetesObject {
  return {
    apiVersion: rbacVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: subject, namespace: agentNamespace }],
  };
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

function role(name: string, namespace: string, rules: Rule[]): KubernetesObject {
  return {
    apiVersion: rbacVersion,
    kind: 'Role',
    metadata: { name, namespace, labels },
    rules,
  };
}

/** The role of the same name, for the agent. */
function roleBinding(name: string, namespace: string): KubernetesObject {
  return {
    apiVersion: rbacVersion,
    kind: 'RoleBinding',
    metadata: { name, namespace, labels },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: agentServiceAccount, namespace: agentNamespace }],
  };
}
