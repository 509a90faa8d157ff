import { agentNamespace } from '#src/agent/names';
import type { Transport } from '#src/agent/kubernetes/real/transport';
import { CliError } from '../errors';
import { agentServiceAccount } from './manifests';

interface Right {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** What the caller must be allowed; Kubernetes itself refuses to give rights that one does not have. */
const needed: readonly Right[] = [
  { verb: 'create', group: '', resource: 'namespaces' },
  { verb: 'create', group: '', resource: 'serviceaccounts', namespace: agentNamespace },
  { verb: 'create', group: rbac, resource: 'clusterroles' },
  { verb: 'create', group: rbac, resource: 'clusterrolebindings' },
  { verb: 'create', group: rbac, resource: 'roles', namespace: agentNamespace },
  { verb: 'create', group: rbac, resource: 'rolebindings', namespace: agentNamespace },
  {
    verb: 'create',
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    namespace: agentNamespace,
    name: agentServiceAccount,
  },
];

/** Throws a CliError that lists every right that the caller lacks, before anything is changed. */
export async function requireRights(transport: Transport, context: string): Promise<void> {
  const answers = await Promise.all(needed.map((right) => isAllowed(transport, right)));
  const missing = needed.filter((_, index) => answers[index] === false);
  if (missing.length === 0) return;
  throw CliError.failed(`the user of context ${context} may not install the agent's account`, {
    details: missing.map((right) => `may not ${textOf(right)}`),
    hint: 'use a context of a cluster admin: --context NAME',
  });
}

async function isAllowed(transport: Transport, right: Right): Promise<boolean> {
  const answer = await transport.send<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: right },
    },
  });
  return answer.status?.allowed === true;
}

function textOf({ verb, resource, subresource, group, namespace }: Right): string {
  const what = [subresource === undefined ? resource : `${resource}/${subresource}`, group].filter(Boolean).join('.');
  return `${verb} ${what}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
