import { type Command, Option } from 'commander';
import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import type { Application, Source } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliError, CliExit } from '../errors';
import { exitCodes } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { getApplication } from '../kinds/applications';
import { getSource } from '../kinds/sources';
import { durationText } from '../output/age';
import { shortCommit } from '../output/text';
import { durationValue } from '../values';
import { exitCodeOf } from './status';

interface Options {
  wait?: boolean;
  timeout: number;
}

const defaultTimeoutMs = 5 * 60_000;
const pollMs = 1_000;

export function syncCommand(group: Command, io: Io): void {
  const command = group
    .command('sync')
    .helpGroup('Fleet:')
    .description('look at the source of an application at once, and place and render it again')
    .argument('<application>')
    .option('--wait', 'until its targets run the newest release, or it is clear that they do not')
    .addOption(
      new Option('--timeout <duration>', 'wait no longer than this')
        .argParser(durationValue)
        .default(defaultTimeoutMs, '5m'),
    );
  withExamples(withHubOptions(command), 'flotilla sync web', 'flotilla sync web --wait --timeout 10m').action(
    async (name: string, { wait, timeout }: Options, self: Command) => {
      const hub = connect(self, io);
      const before = wait === true ? await getSource(hub, (await getApplication(hub, name)).spec.source) : undefined;
      await answered(hub.api.POST('/api/v1/applications/{name}/sync', { params: { path: { name } } }));
      io.stdout.write(`application/${name} is looked at now\n`);
      if (before !== undefined) await untilSettled(io, hub, name, before, timeout);
    },
  );
}

/** Where a sync is: still going on, or come to an end, well or not. */
export type Progress =
  { kind: 'going' } | { kind: 'done' } | { kind: 'failed'; message: string } | { kind: 'unhealthy' };

export function progressOf(before: Source, source: Source, { spec, status }: Application): Progress {
  const { fetchedAt, failingSince, message } = source.status;
  if (failingSince !== undefined) {
    return { kind: 'failed', message: `source ${spec.source} cannot be fetched: ${message ?? 'no reason is known'}` };
  }
  if (fetchedAt === before.status.fetchedAt || !status.evaluated) return { kind: 'going' };
  if (status.state === 'failing') {
    return { kind: 'failed', message: `it cannot be rendered: ${status.message ?? 'no reason is known'}` };
  }
  switch (exitCodeOf(status)) {
    case exitCodes.ok:
      return { kind: 'done' };
    case exitCodes.progressing:
      return { kind: 'going' };
    case exitCodes.unhealthy:
      // Those that go on may still come to an end well.
      return status.targets.progressing > 0 ? { kind: 'going' } : { kind: 'unhealthy' };
  }
}

async function untilSettled(io: Io, hub: Hub, name: string, before: Source, timeoutMs: number): Promise<void> {
  const deadline = io.now().getTime() + timeoutMs;
  const interrupted = io.interrupted();
  let shown = '';
  for (;;) {
    // In this order: what is read of the application after the fetch tells whether that was taken in.
    const source = await getSource(hub, before.metadata.name);
    const application = await getApplication(hub, name);
    const progress = progressOf(before, source, application);
    const line = lineOf(application);
    if (line !== shown) io.stdout.write(`${line}\n`);
    shown = line;
    if (progress.kind === 'done') return;
    if (progress.kind === 'failed') {
      throw CliError.failed(`application/${name}: ${progress.message}`, {
        hint: `flotilla describe application ${name}`,
      });
    }
    if (progress.kind === 'unhealthy') {
      throw new CliError(exitCodes.unhealthy, `application/${name}: not all targets are well`, {
        hint: `flotilla describe application ${name}`,
      });
    }
    if (io.now().getTime() >= deadline) {
      throw new CliError(
        exitCodes.progressing,
        `application/${name} was not in sync within ${durationText(timeoutMs)}`,
        {
          hint: `flotilla describe application ${name}`,
        },
      );
    }
    await io.sleep(pollMs);
    if (interrupted.aborted) throw new CliExit(exitCodes.interrupted);
  }
}

function lineOf({ metadata, status }: Application): string {
  const { release, targets, heldBy } = status;
  const which = release === undefined ? 'no release' : `#${release.number} ${shortCommit(release.commit)}`;
  const others = (['progressing', 'drifted', 'failed', 'unknown'] as const)
    .filter((state) => targets[state] > 0)
    .map((state) => `${targets[state]} ${state}`);
  const more = [...others, ...(heldBy === undefined ? [] : [`held by ${heldBy}`])].join(', ');
  return `${metadata.name} ${which}: ${targets.inSync} of ${targets.total} in sync${more === '' ? '' : ` (${more})`}`;
}
