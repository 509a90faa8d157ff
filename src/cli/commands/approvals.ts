import { type Command, Option } from 'commander';
import { confirm } from '../ask';
import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Target, WaitingDeletions } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { withExamples } from '../help';
import type { Io } from '../io';
import { targetView } from '../kinds/targets';
import { type OutputOptions, withOutput } from '../output/options';
import { showList, type View } from '../output/show';
import { counted } from '../output/text';
import { listValue, repeatedValue } from '../values';

const maxShownObjects = 5;

const deletionsView: View<WaitingDeletions> = {
  columns: () => [
    { header: 'CLUSTERS', value: ({ clusters }) => clusters.join(',') },
    { header: 'COUNT', value: ({ objects }) => objects.length, right: true },
    {
      header: 'OBJECTS',
      value: ({ objects }) =>
        objects.slice(0, maxShownObjects).join(', ') +
        (objects.length > maxShownObjects ? ', … (-o yaml shows all)' : ''),
    },
  ],
  nameOf: ({ clusters }) => `clusters/${clusters.join(',')}`,
  empty: 'No deletion waits for an approval',
};

/** What waits for a person: targets that lost their placement, and deletions above the limits. */
export function approvals(group: Command, io: Io): void {
  removals(group, io);
  deletions(group, io);
}

function removals(group: Command, io: Io): void {
  const removalGroup = group
    .command('removals')
    .description('targets that lost their placement and wait for a confirmation');
  const list = removalGroup.command('list', { isDefault: true }).description('list them').argument('<name>');
  withExamples(withHubOptions(withOutput(list, { watch: true })), 'flotilla application removals list web').action(
    async (name: string, options: OutputOptions, self: Command) => {
      const hub = connect(self, io);
      const view: View<Target> = {
        ...targetView,
        empty: `No target of ${name} waits for a confirmation`,
        next: ([first]) =>
          `to go on: flotilla application removals confirm ${name} --cluster ${first?.cluster ?? ''} --workloads leave   (or remove)`,
      };
      await showList(io, options, view, () =>
        allItems((query) =>
          answered(hub.api.GET('/api/v1/applications/{name}/removals', { params: { path: { name }, query } })),
        ),
      );
    },
  );

  const confirmation = removalGroup
    .command('confirm')
    .description('say what becomes of the workloads there, for the clusters that are named and no others')
    .argument('<name>')
    .requiredOption('--cluster <names>', 'clusters, by commas or repeated', listValue)
    .addOption(
      new Option('--workloads <what>', 'leave: what runs there stays, and Flotilla forgets it; remove: it is deleted')
        .choices(['leave', 'remove'])
        .makeOptionMandatory(),
    )
    .option('-y, --yes', 'do not ask');
  withExamples(
    withHubOptions(confirmation),
    'flotilla application removals confirm web --cluster fra-1 --workloads remove',
  ).action(
    async (
      name: string,
      options: { cluster: string[]; workloads: 'leave' | 'remove'; yes?: boolean },
      self: Command,
    ) => {
      const { cluster: clusters, workloads } = options;
      if (workloads === 'remove') {
        await confirm(io, options.yes, `What ${name} applied to ${clusters.join(', ')} will be deleted there. Go on?`);
      }
      const hub = connect(self, io);
      const params = { path: { name } };
      await answered(
        hub.api.POST('/api/v1/applications/{name}/removals/confirm', { params, body: { clusters, workloads } }),
      );
      const told = workloads === 'remove' ? 'will be removed' : 'stay, and are forgotten';
      for (const cluster of clusters) io.stdout.write(`target/${name}/${cluster} confirmed: its workloads ${told}\n`);
    },
  );
}

function deletions(group: Command, io: Io): void {
  const deletionGroup = group.command('deletions').description('deletions of objects that wait for an approval');
  const list = deletionGroup.command('list', { isDefault: true }).description('list them').argument('<name>');
  withExamples(
    withHubOptions(withOutput(list, { watch: true })),
    'flotilla application deletions list web -o yaml',
  ).action(async (name: string, options: OutputOptions, self: Command) => {
    const hub = connect(self, io);
    const view: View<WaitingDeletions> = {
      ...deletionsView,
      next: ([first]) =>
        `to go on: flotilla application deletions approve ${name} --cluster ${first?.clusters.join(',') ?? ''}`,
    };
    await showList(io, options, view, () => waiting(hub, name));
  });

  const approve = deletionGroup
    .command('approve')
    .description('approve deletions for the clusters that are named: all that wait there, or those that are named')
    .argument('<name>')
    .requiredOption('--cluster <names>', 'clusters, by commas or repeated', listValue)
    .option('--object <key>', 'only this object, as `deletions list -o yaml` names it; may be repeated', repeatedValue)
    .option('-y, --yes', 'do not ask');
  withExamples(withHubOptions(approve), 'flotilla application deletions approve web --cluster fra-1,fra-2').action(
    async (name: string, options: { cluster: string[]; object?: string[]; yes?: boolean }, self: Command) => {
      const { cluster: clusters, yes } = options;
      const hub = connect(self, io);
      const sets = waitingOn(await waiting(hub, name), clusters, options.object);
      if (sets.length === 0) {
        throw CliError.failed(`no such deletion of ${name} waits on ${clusters.join(', ')}`, {
          hint: `what waits: flotilla application deletions list ${name}`,
        });
      }
      await confirm(io, yes, `${sets.map(setText).join('; ')} will be deleted. Go on?`);
      for (const body of sets) {
        const params = { path: { name } };
        const answer = await answered(hub.api.POST('/api/v1/applications/{name}/deletions/approve', { params, body }));
        for (const { cluster, objects } of answer.clusters) {
          io.stdout.write(`target/${name}/${cluster} approved: ${counted(objects, 'deletion')}\n`);
        }
      }
    },
  );
}

async function waiting(hub: Hub, name: string): Promise<WaitingDeletions[]> {
  return await allItems((query) =>
    answered(hub.api.GET('/api/v1/applications/{name}/deletions', { params: { path: { name }, query } })),
  );
}

/** Set by set, so that nothing is approved for a cluster that did not wait there when it was listed. */
export function waitingOn(
  sets: readonly WaitingDeletions[],
  clusters: readonly string[],
  objects: readonly string[] | undefined,
): WaitingDeletions[] {
  return sets
    .map((set) => ({
      clusters: set.clusters.filter((cluster) => clusters.includes(cluster)),
      objects: set.objects.filter((object) => objects === undefined || objects.includes(object)),
    }))
    .filter((set) => set.clusters.length > 0 && set.objects.length > 0);
}

function setText({ clusters, objects }: WaitingDeletions): string {
  const more = objects.length > maxShownObjects ? ` and ${objects.length - maxShownObjects} more` : '';
  return `In ${clusters.join(', ')}: ${objects.slice(0, maxShownObjects).join(', ')}${more}`;
}
