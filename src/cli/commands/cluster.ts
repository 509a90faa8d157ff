import { type Command, Option } from 'commander';
import { answered } from '../client/answers';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { clusterKind, type ClusterFilters, clusterView, getCluster, listClusters } from '../kinds/clusters';
import { type OutputOptions, withOutput } from '../output/options';
import { showList } from '../output/show';
import { labelChanges } from '../values';
import { clusterHosting } from './cluster-add';
import { clusterMembership } from './cluster-membership';
import { showOne } from './show-one';

interface ListOptions extends OutputOptions {
  region?: string;
  selector?: string;
  connection?: ClusterFilters['connection'];
  cordoned?: true;
}

export function clusterCommands(program: Command, io: Io): void {
  const group = program
    .command('cluster')
    .aliases(['clusters', 'cl'])
    .helpGroup('Resources:')
    .description('the Kubernetes clusters of the fleet');
  list(group, io);
  showOne(group, io, clusterKind, 'flotilla cluster show fra-1');
  clusterHosting(group, program, io);
  clusterMembership(group, io);
  label(group, io);
  cordon(group, io);
}

function list(group: Command, io: Io): void {
  const command = group
    .command('list')
    .alias('ls')
    .description('list clusters')
    .option('--region <name>', 'only of this region')
    .option('-l, --selector <labels>', 'only with these labels, as kubectl takes them')
    .addOption(new Option('--connection <state>', 'only in this state').choices(['pending', 'online', 'unknown']))
    .option('--cordoned', 'only cordoned ones');
  withExamples(
    withHubOptions(withOutput(command, { watch: true })),
    'flotilla cluster list',
    'flotilla cluster list -l tier=web --connection unknown -o wide',
  ).action(async (options: ListOptions, self: Command) => {
    const hub = connect(self, io);
    const { region, selector, connection, cordoned } = options;
    const filters: ClusterFilters = {
      region,
      labelSelector: selector,
      connection,
      cordoned: cordoned ? 'true' : undefined,
    };
    await showList(io, options, clusterView, () => listClusters(hub, filters));
  });
}

function label(group: Command, io: Io): void {
  const command = group
    .command('label')
    .description('set labels, and take them away; placements follow, and a lost placement waits for a confirmation')
    .argument('<name>')
    .argument('<changes...>', 'KEY=VALUE sets one, KEY- takes it away');
  withExamples(withHubOptions(command), 'flotilla cluster label fra-1 tier=web canary-').action(
    async (name: string, words: string[], _options: unknown, self: Command) => {
      const body = { metadata: { labels: labelChanges(words) } };
      const hub = connect(self, io);
      const before = await getCluster(hub, name);
      const after = await answered(hub.api.PATCH('/api/v1/clusters/{name}', { params: { path: { name } }, body }));
      const changed = before.metadata.version !== after.metadata.version;
      io.stdout.write(`cluster/${name} ${changed ? 'labelled' : 'unchanged'}\n`);
    },
  );
}

function cordon(group: Command, io: Io): void {
  const what = {
    cordon: 'authorise nothing new on a cluster; its workloads stay',
    uncordon: 'authorise on a cluster again',
  };
  for (const verb of ['cordon', 'uncordon'] as const) {
    const command = group.command(verb).description(what[verb]).argument('<names...>');
    withExamples(withHubOptions(command), `flotilla cluster ${verb} fra-1`).action(
      async (names: string[], _options: unknown, self: Command) => {
        const hub = connect(self, io);
        for (const name of names) {
          await answered(hub.api.POST(`/api/v1/clusters/{name}/${verb}`, { params: { path: { name } } }));
          io.stdout.write(`cluster/${name} ${verb}ed\n`);
        }
      },
    );
  }
}
