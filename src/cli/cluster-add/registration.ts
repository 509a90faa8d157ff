import { hostedKubeconfigText, type HostedKubeconfig } from '#libs/kubeconfig/hosted';
import { answered, answeredIfFound, creating } from '../client/answers';
import type { Hub } from '../client/hub';
import type { Cluster } from '../client/types';
import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';

export interface Declaration {
  name: string;
  region: string;
  labels: Record<string, string>;
  /** `namespace/name` that applications are applied as. */
  serviceAccount: string;
  /** Of `kube-system`: which cluster this really is. */
  clusterUid: string;
}

/** The cluster of that name at the hub; undefined where there is none. Throws a CliError where it is another cluster. */
export async function findRegistered(hub: Hub, declared: Omit<Declaration, 'labels'>): Promise<Cluster | undefined> {
  const { name, region, clusterUid } = declared;
  const found = await answeredIfFound(hub.api.GET('/api/v1/clusters/{name}', { params: { path: { name } } }));
  if (found === undefined) return undefined;
  const { spec, status } = found;
  if (status.clusterUid !== undefined && status.clusterUid !== clusterUid) {
    throw new CliError(exitCodes.conflict, `the hub has another cluster with the name ${name}`, {
      hint: 'choose a name of its own: --name NAME',
    });
  }
  if (spec.region !== region) {
    throw new CliError(exitCodes.conflict, `cluster ${name} is registered in region ${spec.region}, not ${region}`, {
      hint: `say --region ${spec.region}, or choose another name with --name`,
    });
  }
  if (status.connection === 'online' && !status.hosted) {
    throw new CliError(
      exitCodes.conflict,
      `the agent of cluster ${name} runs elsewhere already, and there can be only one`,
      {
        hint: 'stop that agent first, then run this again; one that was stopped just now counts as gone after a minute',
      },
    );
  }
  return found;
}

/** Registers it, or brings what is registered up to date. Gives what was done. */
export async function register(hub: Hub, found: Cluster | undefined, declared: Declaration): Promise<string> {
  const { name, region, labels, serviceAccount } = declared;
  if (found === undefined) {
    const body = { metadata: { name, labels }, spec: { region, serviceAccount, cordoned: false } };
    await answered(hub.api.POST('/api/v1/clusters', { body, ...creating() }));
    return 'registered';
  }
  const isSame =
    found.spec.serviceAccount === serviceAccount &&
    Object.entries(labels).every(([key, value]) => found.metadata.labels[key] === value);
  if (isSame) return 'was registered already';
  const body = { metadata: { labels }, spec: { serviceAccount } };
  await answered(hub.api.PATCH('/api/v1/clusters/{name}', { params: { path: { name } }, body }));
  return 'was registered already, and is up to date now';
}

export async function host(hub: Hub, name: string, credential: HostedKubeconfig): Promise<void> {
  const body = { kubeconfig: hostedKubeconfigText(credential) };
  await answered(hub.api.PUT('/api/v1/clusters/{name}/host', { params: { path: { name } }, body }));
}

export type Outcome = { online: true } | { online: false; message?: string };

/** Whether the agent is heard, and what the hub says is wrong with it. */
export async function outcomeOf(hub: Hub, name: string): Promise<Outcome> {
  const { status } = await answered(hub.api.GET('/api/v1/clusters/{name}', { params: { path: { name } } }));
  if (status.trouble !== undefined) return { online: false, message: status.trouble };
  return status.connection === 'online' ? { online: true } : { online: false };
}
