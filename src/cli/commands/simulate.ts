import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { FleetCounts } from '#src/simulate/counts';
import type { FleetOptions } from '#src/simulate/options';
import { confirm } from '../ask';
import { chooseTarget, type HubFlags, normalUrl, type Target, withHubOptions } from '../connection';
import { CliError, CliExit } from '../errors';
import { exitCodes } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { countValue, durationValue, labelValue, repeatedValue } from '../values';

interface Options extends HubFlags {
  clusters: number;
  regions: number;
  label?: Record<string, string>;
  prefix: string;
  hub?: string[];
  processes: number;
  heartbeat?: number;
  comparison?: number;
  readyAfter?: [number, number];
  latency?: [number, number];
  badImage?: string;
  dataFolder?: string;
  remove?: true;
  yes?: true;
}

const clustersForOneProcess = 2_500;

export function simulateCommands(program: Command, io: Io): void {
  const group = program.command('simulate').helpGroup('Hub:').description('fleets to try a hub with');
  const fleet = group
    .command('fleet')
    .description('run simulated clusters under agents with the real protocol, thousands to a process; Ctrl-C ends it')
    .option('-n, --clusters <count>', 'how many', countValue, 100)
    .option('--regions <count>', 'how many regions they are spread over', countValue, 3)
    .option('-l, --label <key=value>', 'a label of each cluster; may be repeated', labelValue)
    .option('--prefix <name>', 'of the names of clusters', 'sim')
    .option('--hub <url>', 'address that agents follow instead of the API’s; repeated, they are spread', repeatedValue)
    .option('--processes <count>', `agents are spread over; one for ${clustersForOneProcess} is good`, countValue, 1)
    .option('--heartbeat <duration>', 'between heartbeats; as the hub says unless told', durationValue)
    .option('--comparison <duration>', 'between full comparisons of a cluster; 1h unless told', durationValue)
    .option(
      '--ready-after <duration>',
      'of workloads; two with a `-` between are limits; 1s-4s unless told',
      durationsValue,
    )
    .option('--latency <duration>', 'of each request of a cluster’s API; none unless told', durationsValue)
    .option('--bad-image <pattern>', 'images that match never become ready; `:(bad|broken)` unless told')
    .option('--data-folder <folder>', 'for the identities of agents; ~/.flotilla/simulate unless told')
    .option('--remove', 'run nothing: deregister the simulated clusters of this prefix, and leave others alone')
    .option('-y, --yes', 'do not ask before removing');
  withExamples(
    withHubOptions(fleet),
    'flotilla simulate fleet --clusters 1000 --regions 5 --label tier=web',
    'flotilla simulate fleet --clusters 10000 --processes 4 --prefix load',
    'flotilla simulate fleet --prefix load --remove --yes',
  ).action(async (_options: unknown, self: Command) => {
    const options = self.optsWithGlobals<Options>();
    const { readContexts } = await import('#src/cli/contexts');
    const target = chooseTarget(options, io.env, () => readContexts(io));
    if (options.remove === true) await remove(io, target, options);
    else await run(io, target, options);
  });
}

async function run(io: Io, target: Target, options: Options): Promise<void> {
  const { startSimulatedFleet } = await import('#src/simulate/fleet');
  const began = io.now().getTime();
  const signal = io.interrupted();
  const line = progressLine(io);
  const fleet = await startSimulatedFleet(settingsOf(io, target, options), {
    signal,
    onProgress: (counts) => line(counts),
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw explained(error);
  });
  if (fleet !== undefined) {
    const counts = await fleet.counts();
    line(counts);
    const seconds = Math.round((io.now().getTime() - began) / 1_000);
    io.stdout.write(
      `\n${counts.connected} of ${counts.clusters} agents are connected after ${seconds} s; Ctrl-C ends them\n`,
    );
    while (!signal.aborted) {
      await io.sleep(io.stdout.isTTY ? 1_000 : 30_000);
      if (!signal.aborted) line(await fleet.counts());
    }
    await fleet.stop();
  }
  const again = `flotilla simulate fleet --prefix ${options.prefix}`;
  io.stdout.write(`\nstopped; the clusters stay registered: \`${again} --remove\` deregisters them\n`);
}

async function remove(io: Io, target: Target, { prefix, yes }: Options): Promise<void> {
  const { deregisterSimulated } = await import('#src/simulate/registration');
  const { hubApi } = await import('#src/simulate/api');
  await confirm(io, yes, `All simulated clusters ${prefix}-… at ${target.url} will be deregistered. Go on?`);
  const api = hubApi(target);
  try {
    const count = await deregisterSimulated(api, prefix, (done) => {
      if (io.stderr.isTTY) io.stderr.write(`\r${done} deregistered`);
    });
    if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
    io.stdout.write(`${count} simulated clusters deregistered\n`);
  } catch (error) {
    throw explained(error);
  } finally {
    await api.close();
  }
}

function settingsOf(io: Io, { url, token, ca }: Target, options: Options): FleetOptions {
  const { heartbeat, comparison } = options;
  const folder = options.dataFolder ?? path.join(io.home, '.flotilla', 'simulate', new URL(url).host.replace(':', '-'));
  return {
    hub: { url, token, ca },
    agentUrls: (options.hub ?? []).map(normalUrl),
    clusters: options.clusters,
    regions: options.regions,
    prefix: options.prefix,
    labels: options.label,
    dataFolder: path.resolve(io.cwd, folder),
    processes: options.processes,
    heartbeatSeconds: heartbeat === undefined ? undefined : Math.round(heartbeat / 1_000),
    comparisonSeconds: comparison === undefined ? undefined : Math.round(comparison / 1_000),
    readyAfterMs: options.readyAfter,
    latencyMs: options.latency,
    badImage: options.badImage,
  };
}

/** One duration, or the least and the most with `-` between, in milliseconds. */
function durationsValue(text: string): [number, number] {
  const [least, most, ...more] = text.split('-').map(durationValue);
  if (least === undefined || more.length > 0) throw new InvalidArgumentError('It is written 2s, or 1s-4s.');
  return [least, most ?? least];
}

/** One line that changes on a terminal; elsewhere a line each time. */
function progressLine(io: Io): (counts: FleetCounts) => void {
  let shown = '';
  return (counts) => {
    const text = progressText(counts);
    if (io.stdout.isTTY) io.stdout.write(`\r${text}\u001b[K`);
    else if (text !== shown) io.stdout.write(`${text}\n`);
    shown = text;
  };
}

function progressText(counts: FleetCounts): string {
  const { clusters, running, connected, failed, roots, requests, memoryBytes, cpuSeconds, trouble } = counts;
  const parts = [
    `${connected}/${clusters} connected`,
    ...(running > connected ? [`${running - connected} without the hub`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${roots} roots`,
    `${requests} requests`,
    `${Math.round(memoryBytes / 1_048_576)} MB`,
    `${Math.round(cpuSeconds)} s of CPU`,
  ];
  return parts.join(', ') + (trouble === undefined ? '' : ` (${trouble.slice(0, 120)})`);
}

function explained(error: unknown): unknown {
  const {
    name,
    message = '',
    status,
    issues,
  } = error as {
    name?: string;
    message?: string;
    status?: number;
    issues?: { path: (string | number)[]; message: string }[];
  };
  if (name === 'ZodError') {
    const [first] = issues ?? [];
    return CliError.usage(`${first?.path.join('.') ?? 'an option'}: ${first?.message ?? 'is not valid'}`);
  }
  if (name === 'ApiRefusal') {
    if (status === undefined) return new CliError(exitCodes.unreachable, message);
    const isRefused = status === 401 || status === 403;
    return new CliError(isRefused ? exitCodes.unauthorised : exitCodes.failed, message);
  }
  if (error instanceof CliError || error instanceof CliExit) return error;
  return CliError.failed(message);
}
