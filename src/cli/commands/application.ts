import { type Command, Option } from 'commander';
import { confirm } from '../ask';
import { answered } from '../client/answers';
import { allItems } from '../client/pages';
import { type TargetState, targetStates } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { withExamples } from '../help';
import type { Io } from '../io';
import { applicationKind, applicationView, deleteApplication, listApplications } from '../kinds/applications';
import { explanationView, releaseView } from '../kinds/application-views';
import { showHistory } from '../kinds/target-history';
import { targetView } from '../kinds/targets';
import { type OutputOptions, withOutput } from '../output/options';
import { sections } from '../output/sections';
import { itemText, showList } from '../output/show';
import { countValue } from '../values';
import { approvals } from './approvals';
import { showOne } from './show-one';
import { diffCommand } from './diff';
import { syncCommand } from './sync';

export function applicationCommands(program: Command, io: Io): void {
  const group = program
    .command('application')
    .aliases(['applications', 'app', 'apps'])
    .helpGroup('Resources:')
    .description('what runs where; `apply -f` creates and changes them');
  list(group, io);
  showOne(group, io, applicationKind, 'flotilla application show web');
  explain(group, io);
  targets(group, io);
  releases(group, io);
  diffCommand(group, io);
  syncCommand(group, io);
  remove(group, io);
  approvals(group, io);
}

function list(group: Command, io: Io): void {
  const command = group.command('list').alias('ls').description('list applications with their targets by state');
  withExamples(withHubOptions(withOutput(command, { watch: true })), 'flotilla application list --watch').action(
    async (options: OutputOptions, self: Command) => {
      const hub = connect(self, io);
      await showList(io, options, applicationView, () => listApplications(hub));
    },
  );
}

function explain(group: Command, io: Io): void {
  const command = group
    .command('explain')
    .description('for each cluster whether it is a target and why, and what keeps the newest release from it')
    .argument('<name>')
    .option('--cluster <name>', 'only this cluster')
    .option('--region <name>', 'only this region');
  withExamples(
    withHubOptions(withOutput(command, { watch: true })),
    'flotilla application explain web',
    'flotilla application explain web --cluster fra-1',
  ).action(async (name: string, options: OutputOptions & { cluster?: string; region?: string }, self: Command) => {
    const hub = connect(self, io);
    await showList(io, options, explanationView, async () => {
      const { cluster, region } = options;
      return await allItems((page) => {
        const params = { path: { name }, query: { cluster, region, ...page } };
        return answered(hub.api.GET('/api/v1/applications/{name}/explain', { params }));
      });
    });
  });
}

interface TargetOptions extends OutputOptions {
  state?: TargetState;
  cluster?: string;
  region?: string;
  history?: boolean;
}

function targets(group: Command, io: Io): void {
  const command = group
    .command('targets')
    .description('the clusters that it runs on, with their state; with a cluster, all that is known of it there')
    .argument('<name>')
    .argument('[cluster]')
    .addOption(new Option('--state <state>', 'only in this state').choices(targetStates))
    .option('--region <name>', 'only of this region')
    .option('--history', 'with a cluster: how its state changed there, newest first');
  withExamples(
    withHubOptions(withOutput(command, { watch: true })),
    'flotilla application targets web --state failed',
    'flotilla application targets web fra-1',
    'flotilla application targets web fra-1 --history',
  ).action(async (name: string, cluster: string | undefined, options: TargetOptions, self: Command) => {
    const hub = connect(self, io);
    const { state, region } = options;
    if (options.history === true) {
      if (cluster === undefined) throw CliError.usage('--history is of one target', `add a cluster: ${name} CLUSTER`);
      await showHistory(hub, io, options, { name, cluster });
      return;
    }
    if (cluster === undefined) {
      await showList(io, options, targetView, () =>
        allItems((page) => {
          const params = { path: { name }, query: { state, region, ...page } };
          return answered(hub.api.GET('/api/v1/applications/{name}/targets', { params }));
        }),
      );
      return;
    }
    const { describeTarget } = await import('#src/cli/kinds/describe-target');
    const params = { path: { name, cluster } };
    const target = await answered(hub.api.GET('/api/v1/applications/{name}/targets/{cluster}', { params }));
    io.stdout.write(
      options.output === undefined
        ? sections(describeTarget(target, io.now()))
        : itemText(io, options, targetView, target),
    );
  });
}

function releases(group: Command, io: Io): void {
  const command = group
    .command('releases')
    .description('its releases, newest first')
    .argument('<name>')
    .option('--limit <count>', 'at most so many', countValue, 20);
  withExamples(withHubOptions(withOutput(command, { watch: true })), 'flotilla application releases web').action(
    async (name: string, options: OutputOptions & { limit: number }, self: Command) => {
      const hub = connect(self, io);
      await showList(io, options, releaseView, () =>
        allItems((page) => {
          const params = { path: { name }, query: page };
          return answered(hub.api.GET('/api/v1/applications/{name}/releases', { params }));
        }, options.limit),
      );
    },
  );
}

function remove(group: Command, io: Io): void {
  const command = group
    .command('delete')
    .alias('rm')
    .description('delete an application')
    .argument('<name>')
    .addOption(
      new Option('--workloads <what>', 'leave them as they are, or remove what it applied')
        .choices(['leave', 'remove'])
        .default('leave'),
    )
    .option('-y, --yes', 'do not ask');
  withExamples(
    withHubOptions(command),
    'flotilla application delete web',
    'flotilla application delete web --workloads remove --yes',
  ).action(async (name: string, options: { workloads: 'leave' | 'remove'; yes?: boolean }, self: Command) => {
    if (options.workloads === 'remove') {
      await confirm(io, options.yes, `Everything that ${name} applied will be deleted in its clusters. Go on?`);
    }
    io.stdout.write(`${await deleteApplication(connect(self, io), name, options.workloads)}\n`);
  });
}
