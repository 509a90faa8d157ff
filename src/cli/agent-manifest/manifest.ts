import { stringify } from 'yaml';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { agentVersion } from '#src/agent/names';
import { answered, creating } from '../client/answers';
import type { Hub } from '../client/hub';
import { agentManifests, ownPlatformAccount } from '../cluster-add/manifests';
import { CliError } from '../errors';
import { agentDeployment, caConfigMap, joinSecret } from './deployment';

const defaultSecret = 'flotilla-join';

export interface ManifestOptions {
  /** As the agent reaches it; else as the caller does. */
  hubUrl?: string;
  image?: string;
  /** PEM certificates for the agent to trust for the hub. */
  caPem?: string;
  /** Name of a Secret with `token` that somebody else makes. */
  joinSecret?: string;
  /** A join token also where an agent has joined: another one takes its place. */
  isRejoining: boolean;
}

export interface Manifest {
  text: string;
  hasToken: boolean;
}

/** Everything that an agent needs in its cluster, for `kubectl apply -f -`. Throws a CliError. */
export async function agentManifest(hub: Hub, name: string, options: ManifestOptions): Promise<Manifest> {
  const params = { path: { name } };
  const { spec, status } = await answered(hub.api.GET('/api/v1/clusters/{name}', { params }));
  if (status.hosted) {
    throw CliError.failed(`the hub itself runs the agent of ${name}`, {
      hint: `there is one agent a cluster: first \`flotilla cluster unhost ${name}\``,
    });
  }
  if (spec.serviceAccount == null) {
    throw CliError.failed(
      `nothing says what applications are applied as on ${name}, and the agent itself may change nothing`,
      {
        hint: `set spec.serviceAccount of the cluster to ${ownPlatformAccount}: flotilla get cluster ${name} -o yaml, and flotilla apply -f`,
      },
    );
  }
  const needsToken = options.joinSecret === undefined && (options.isRejoining || status.lifecycle !== 'joined');
  const token = needsToken
    ? (await answered(hub.api.POST('/api/v1/clusters/{name}/join-token', { params, ...creating() }))).join.joinToken
    : undefined;
  const secret = options.joinSecret ?? defaultSecret;
  const objects: KubernetesObject[] = [
    ...agentManifests(spec.serviceAccount),
    ...(token === undefined ? [] : [joinSecret(secret, token)]),
    ...(options.caPem === undefined ? [] : [caConfigMap(options.caPem)]),
    agentDeployment({
      hubUrl: options.hubUrl ?? hub.url,
      image: options.image ?? `flotilla-agent:${agentVersion}`,
      joinSecret: secret,
      hasCa: options.caPem !== undefined,
    }),
  ];
  const documents = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  return { text: documents.join('---\n'), hasToken: token !== undefined };
}
