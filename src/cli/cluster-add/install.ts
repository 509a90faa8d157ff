import { referenceOf } from '#libs/kubernetes/object';
import { type KubernetesApi, KubernetesError } from '#src/agent/kubernetes/port';
import { CliError } from '../errors';
import { agentManifests, ownPlatformAccount } from './manifests';

const fieldManager = 'flotilla-cli';

/** Makes what the agent needs, or puts it right: server-side apply, so that a second time changes nothing. */
export async function installAgentAccount(kubernetes: KubernetesApi, platform: string | undefined): Promise<void> {
  if (platform !== undefined && platform !== ownPlatformAccount) await requireAccount(kubernetes, platform);
  for (const object of agentManifests(platform)) {
    try {
      await kubernetes.apply(object, { fieldManager, force: true });
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const { kind, namespace, name } = referenceOf(object);
      const what = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
      throw CliError.failed(`${what} cannot be applied: ${error.message}`, {
        hint:
          error.errorClass === 'forbidden'
            ? 'use a context of a cluster admin: --context NAME; nobody can give rights that they do not have'
            : 'running this again goes on where it stopped',
      });
    }
  }
}

async function requireAccount(kubernetes: KubernetesApi, account: string): Promise<void> {
  const [namespace = '', name = ''] = account.split('/');
  const found = await kubernetes.get({ group: '', version: 'v1', kind: 'ServiceAccount', namespace, name });
  if (found !== undefined) return;
  throw CliError.usage(
    `there is no service account ${account} in the cluster`,
    `make it first, with the rights that applications need: kubectl -n ${namespace} create serviceaccount ${name}`,
  );
}
