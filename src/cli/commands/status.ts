import { type Command, Option } from 'commander';
import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import type { Status, Target } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliExit } from '../errors';
import { exitCodes } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { listApplications } from '../kinds/applications';
import { type FleetView, rowsOfApplications, rowsOfTargets, statusKey, statusText } from '../kinds/status-view';
import { listTargets } from '../kinds/targets';
import { waitingOf } from '../kinds/waiting';
import { painter } from '../output/colour';
import { type OutputOptions, withOutput } from '../output/options';
import { jsonText, yamlText } from '../output/structured';
import { watch } from '../output/watch';

interface Options extends OutputOptions {
  by?: 'application' | 'region';
  exitCode?: boolean;
}

/** With more, a row for each region would mean reading them all, at each turn of a watch. */
const maxTargetsByRegion = 2_000;
/** More than is shown, since those with the same reason share a line. */
const maxWrong = 200;

export function statusCommand(program: Command, io: Io): void {
  const command = program
    .command('status')
    .helpGroup('Fleet:')
    .description('the fleet at a glance: clusters, and targets by state')
    .addOption(
      new Option(
        '--by <what>',
        'a row for each application, or for each region of it (up to 2,000 targets unless told)',
      ).choices(['application', 'region']),
    )
    .option('--exit-code', 'exit with 3 while targets progress, and with 4 when some failed, drifted or are unknown');
  withExamples(
    withHubOptions(withOutput(command, { watch: true, choices: ['json', 'yaml'] })),
    'flotilla status --watch',
    'flotilla status -o json | jq .targets.failed',
    'until flotilla status --exit-code; do sleep 5; done',
  ).action(async (options: Options, self: Command) => {
    const hub = connect(self, io);
    const paint = painter(io.stdout, io.env);
    if (options.output !== undefined) {
      const text = options.output === 'json' ? jsonText : yamlText;
      await shown(
        io,
        options,
        { load: () => statusOf(hub), show: (status) => text(counts(status)), key: (s) => text(counts(s)) },
        (s) => s,
      );
      return;
    }
    const show = (view: FleetView) => statusText(view, io.now(), paint);
    await shown(io, options, { load: () => fleetOf(hub, options.by), show, key: statusKey }, ({ status }) => status);
  });
}

interface Shown<T> {
  load(): Promise<T>;
  show(value: T): string;
  key(value: T): string;
}

async function shown<T>(io: Io, options: Options, watched: Shown<T>, of: (value: T) => Status): Promise<void> {
  if (options.watch === true) {
    await watch(io, watched);
    return;
  }
  const value = await watched.load();
  io.stdout.write(watched.show(value));
  const code = exitCodeOf(of(value));
  if (options.exitCode === true && code !== exitCodes.ok) throw new CliExit(code);
}

export function exitCodeOf({ targets }: Pick<Status, 'targets'>) {
  if (targets.failed + targets.drifted + targets.unknown > 0) return exitCodes.unhealthy;
  return targets.progressing > 0 ? exitCodes.progressing : exitCodes.ok;
}

async function statusOf(hub: Hub): Promise<Status> {
  return await answered(hub.api.GET('/api/v1/status', {}));
}

/** Part of the interface: these two, and nothing else. */
function counts({ clusters, targets }: Status) {
  const { total, online, pending, unknown } = clusters;
  const { failed, drifted, progressing, inSync } = targets;
  return {
    clusters: { total, online, pending, unknown },
    targets: { total: targets.total, unknown: targets.unknown, failed, drifted, progressing, inSync },
  };
}

async function fleetOf(hub: Hub, by: Options['by']): Promise<FleetView> {
  const status = await statusOf(hub);
  const applications = await listApplications(hub);
  const waiting = waitingOf(applications);
  const byRegion = by === 'region' || (by === undefined && status.targets.total <= maxTargetsByRegion);
  if (byRegion) {
    const targets = await listTargets(hub);
    const wrong = (['failed', 'drifted', 'unknown'] as const).flatMap((state) =>
      targets.filter((each) => each.state === state),
    );
    return { status, rows: rowsOfTargets(targets), wrong: wrong.slice(0, maxWrong), waiting };
  }
  return { status, rows: rowsOfApplications(applications), wrong: await wrongTargets(hub, status), waiting };
}

async function wrongTargets(hub: Hub, { targets }: Status): Promise<Target[]> {
  const wrong: Target[] = [];
  for (const state of ['failed', 'drifted', 'unknown'] as const) {
    const room = maxWrong - wrong.length;
    if (targets[state] > 0 && room > 0) wrong.push(...(await listTargets(hub, { state }, room)));
  }
  return wrong;
}
