import { type Command, Option } from 'commander';
import { choose, confirm } from '../ask';
import { answered, creating } from '../client/answers';
import type { RegisteredCluster } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { clusterView } from '../kinds/clusters';
import { durationText } from '../output/age';
import { type OutputOptions, withOutput } from '../output/options';
import { itemText } from '../output/show';
import { labelValue } from '../values';

interface RegisterOptions extends OutputOptions {
  region: string;
  label?: Record<string, string>;
  serviceAccount?: string;
  cordoned?: true;
}

/** How a cluster comes into the fleet and leaves it. */
export function clusterMembership(group: Command, io: Io): void {
  register(group, io);
  joinToken(group, io);
  deregister(group, io);
  revoke(group, io);
}

function register(group: Command, io: Io): void {
  const command = group
    .command('register')
    .description('register a cluster, and get the command that joins its agent; it is shown once')
    .argument('<name>')
    .requiredOption('--region <name>', 'where it is; rollouts are staged by it')
    .option('-l, --label <key=value>', 'a label; may be repeated', labelValue)
    .option('--service-account <namespace/name>', 'what applications are applied as, instead of the agent itself')
    .option('--cordoned', 'authorise nothing on it yet');
  withExamples(
    withHubOptions(withOutput(command, { choices: ['json', 'yaml'] })),
    'flotilla cluster register fra-1 --region eu-central --label tier=web',
  ).action(async (name: string, options: RegisterOptions, self: Command) => {
    const hub = connect(self, io);
    const { region, label: labels = {}, serviceAccount, cordoned = false } = options;
    const body = { metadata: { name, labels }, spec: { region, serviceAccount: serviceAccount ?? null, cordoned } };
    const answer = await answered(hub.api.POST('/api/v1/clusters', { body, ...creating() }));
    printJoin(io, options, answer, 'registered');
  });
}

function joinToken(group: Command, io: Io): void {
  const command = group
    .command('join-token')
    .description('make a new join token, with which the agent may also join with another key; older ones end')
    .argument('<name>');
  withExamples(
    withHubOptions(withOutput(command, { choices: ['json', 'yaml'] })),
    'flotilla cluster join-token fra-1',
    'flotilla cluster join-token fra-1 -o json | jq -r .join.joinToken',
  ).action(async (name: string, options: OutputOptions, self: Command) => {
    const hub = connect(self, io);
    const params = { path: { name } };
    const answer = await answered(hub.api.POST('/api/v1/clusters/{name}/join-token', { params, ...creating() }));
    printJoin(io, options, answer, 'may join again');
  });
}

function printJoin(io: Io, options: OutputOptions, answer: RegisteredCluster, done: string): void {
  if (options.output !== undefined) {
    io.stdout.write(itemText(io, options, clusterView, answer));
    return;
  }
  const within = durationText(Date.parse(answer.join.expiresAt) - io.now().getTime());
  io.stdout.write(
    `cluster/${answer.metadata.name} ${done}\n` +
      `Where its API server can be reached, within ${within}:\n\n  ${answer.join.joinCommand}\n\n`,
  );
}

interface DeregisterOptions {
  workloads?: 'leave' | 'remove';
  yes?: boolean;
}

function deregister(group: Command, io: Io): void {
  const command = group
    .command('deregister')
    .description('take a cluster out of the fleet')
    .argument('<name>')
    .addOption(
      new Option('--workloads <what>', 'leave them as they are (the default), or remove what Flotilla applied').choices(
        ['leave', 'remove'],
      ),
    )
    .option('-y, --yes', 'do not ask');
  withExamples(
    withHubOptions(command),
    'flotilla cluster deregister fra-1',
    'flotilla cluster deregister fra-1 --workloads remove --yes',
  ).action(async (name: string, options: DeregisterOptions, self: Command) => {
    const hub = connect(self, io);
    const asked = options.yes === true ? ('leave' as const) : undefined;
    const workloads =
      options.workloads ??
      asked ??
      (await choose<'leave' | 'remove'>(
        io,
        `What becomes of the workloads on ${name}?`,
        ['leave', 'remove'] as const,
        'leave',
      ));
    if (workloads === 'remove') {
      await confirm(io, options.yes, `Everything that Flotilla applied to ${name} will be deleted there. Go on?`);
    }
    const params = { path: { name }, query: { workloads } };
    const { state } = await answered(hub.api.DELETE('/api/v1/clusters/{name}', { params }));
    const told =
      state === 'deregistered' ? 'deregistered' : 'deregistering: it goes when its agent has removed everything';
    io.stdout.write(`cluster/${name} ${told}\n`);
  });
}

function revoke(group: Command, io: Io): void {
  const command = group
    .command('revoke')
    .description('refuse the agent of a cluster from now on, for a key that was stolen; workloads stay')
    .argument('<name>')
    .option('-y, --yes', 'do not ask');
  withExamples(withHubOptions(command), 'flotilla cluster revoke fra-1 --yes').action(
    async (name: string, { yes }: { yes?: boolean }, self: Command) => {
      await confirm(io, yes, `The agent of ${name} will be refused. Go on?`);
      const hub = connect(self, io);
      await answered(hub.api.POST('/api/v1/clusters/{name}/revoke', { params: { path: { name } } }));
      io.stdout.write(`cluster/${name} revoked; to let it join again: flotilla cluster join-token ${name}\n`);
    },
  );
}
