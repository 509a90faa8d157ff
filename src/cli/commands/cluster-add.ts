import type { Command } from 'commander';
import { answered } from '../client/answers';
import { connect, connectBy, type HubFlags, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { labelValue } from '../values';

interface Options {
  kubeconfig?: string;
  context?: string;
  name?: string;
  region: string;
  label?: Record<string, string>;
  serviceAccount?: string;
}

/** Clusters whose agent the hub runs. */
export function clusterHosting(group: Command, program: Command, io: Io): void {
  const add = group
    .command('add')
    .description('add a cluster that you reach by kubeconfig: nothing runs in it, the hub hosts its agent')
    .option('--kubeconfig <file>', 'KUBECONFIG or ~/.kube/config unless told')
    .option('--context <name>', 'of the kubeconfig; its current one unless told')
    .option('--name <name>', 'of the cluster; made from the context unless told')
    .requiredOption('--region <name>', 'where it is; rollouts are staged by it')
    .option('-l, --label <key=value>', 'a label; may be repeated', labelValue)
    .option(
      '--service-account <namespace/name>',
      'what applications are applied as; a cluster admin of our own unless told',
    );
  withExamples(
    add,
    'flotilla cluster add --context minikube --region home',
    'flotilla cluster add --kubeconfig eks.yaml --context prod --name fra-1 --region eu-central --label tier=web',
    '# `--context` is of the kubeconfig here; another hub is named before the command',
    'flotilla --context prod cluster add --context minikube --region home',
  ).action(async ({ label: labels = {}, ...options }: Options) => {
    const { addCluster } = await import('#src/cli/cluster-add/add');
    await addCluster({ hub: connectBy(program.opts<HubFlags>(), io), labels, ...options }, io);
  });

  const unhost = group
    .command('unhost')
    .description('stop hosting the agent of a cluster, and forget the credential; its workloads stay')
    .argument('<name>');
  withExamples(withHubOptions(unhost), 'flotilla cluster unhost fra-1').action(
    async (name: string, _options: unknown, self: Command) => {
      const hub = connect(self, io);
      await answered(hub.api.DELETE('/api/v1/clusters/{name}/host', { params: { path: { name } } }));
      io.stdout.write(
        `cluster/${name} is hosted no more; for an agent of its own: flotilla cluster join-token ${name}\n`,
      );
    },
  );
}
