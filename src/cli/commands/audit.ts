import type { Command } from 'commander';
import { answered } from '../client/answers';
import { allItems } from '../client/pages';
import type { AuditEvent } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { age } from '../output/age';
import { type OutputOptions, withOutput } from '../output/options';
import { showList, type View } from '../output/show';
import { countValue, durationValue } from '../values';

interface Options extends OutputOptions {
  actor?: string;
  action?: string;
  kind?: string;
  name?: string;
  since?: number;
  limit: number;
}

const view: View<AuditEvent> = {
  columns: (now) => [
    { header: 'WHEN', value: ({ at }) => age(at, now), moving: true },
    { header: 'WHO', value: ({ actor }) => actor },
    { header: 'WHAT', value: ({ action }) => action },
    {
      header: 'TO',
      value: ({ resourceKind, resourceName, resourceId }) => `${resourceKind}/${resourceName ?? resourceId ?? ''}`,
    },
    { header: 'AT', value: ({ at }) => at, wide: true },
    { header: 'REQUEST', value: ({ requestId }) => requestId, wide: true },
  ],
  nameOf: ({ id }) => `audit/${id}`,
  empty: 'No changes of that kind',
};

export function auditCommand(program: Command, io: Io): void {
  const command = program
    .command('audit')
    .helpGroup('Access:')
    .description('who changed what, newest first; `-o json` has the state before and after')
    .option('--actor <actor>', 'only by them, as it stands in the list')
    .option('--action <action>', 'only this, such as cluster.cordon')
    .option('--kind <kind>', 'only on this kind, such as Cluster')
    .option('--name <name>', 'only on what has this name')
    .option('--since <duration>', 'only the last 2h, 7d …', durationValue)
    .option('--limit <count>', 'at most so many', countValue, 50);
  withExamples(
    withHubOptions(withOutput(command, { watch: true })),
    'flotilla audit --since 1h',
    'flotilla audit --kind Cluster --name fra-1 -o json',
  ).action(async (options: Options, self: Command) => {
    const hub = connect(self, io);
    const { actor, action, kind: resourceKind, name: resourceName, since: sinceMs, limit: atMost } = options;
    const since = sinceMs === undefined ? undefined : new Date(io.now().getTime() - sinceMs).toISOString();
    const filters = { actor, action, resourceKind, resourceName, since };
    await showList(io, options, view, () =>
      allItems(
        (page) => answered(hub.api.GET('/api/v1/audit', { params: { query: { ...filters, ...page } } })),
        atMost,
      ),
    );
  });
}
