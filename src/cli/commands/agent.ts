import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import type { Outgoing } from '#src/net/outgoing';
import type { AgentView, RunningAgent } from '#src/agent/running';
import type { HealthServer } from '#src/agent/serve/health-server';
import { connect, withHubOptions } from '../connection';
import { CliError, CliExit } from '../errors';
import { exitCodes } from '../exit-codes';
import { readTextFile } from '../files';
import { withExamples } from '../help';
import type { Io } from '../io';
import { durationValue, portValue } from '../values';
import { jsonLogger, logLevels, type LogLevel } from '../output/json-logger';

interface Options {
  hub?: string;
  joinToken?: string;
  kubeconfig?: string;
  context?: string;
  dataFolder?: string;
  ca?: string;
  extraCa?: string;
  proxy?: string;
  keyAge?: number;
  healthPort?: number;
  healthHost: string;
  bootstrap: boolean;
  logLevel: LogLevel;
}

export function agentCommands(program: Command, io: Io): void {
  const group = program.command('agent').helpGroup('Hub:').description('the program that runs in, or for, a cluster');
  const run = group
    .command('run')
    .description('join the fleet if need be, and keep the cluster at what the hub declares; SIGTERM stops it')
    .addOption(new Option('--hub <url>', 'address of the hub; needed to join').env('FLOTILLA_HUB_URL'))
    .addOption(
      new Option('--join-token <token>', 'of `cluster register`; needed once, ignored later').env(
        'FLOTILLA_JOIN_TOKEN',
      ),
    )
    .option('--kubeconfig <file>', 'KUBECONFIG, the pod’s own account, or ~/.kube/config unless told')
    .option('--context <name>', 'of the kubeconfig; its current one unless told')
    .option('--data-folder <folder>', 'for what was fetched and for reports that could not be sent; memory unless told')
    .option('--ca <file>', 'PEM certificates to trust for the hub, instead of the system’s')
    .addOption(
      new Option('--extra-ca <file>', 'PEM certificates to trust for the hub beside the system’s').env(
        'FLOTILLA_AGENT_EXTRA_CA_FILE',
      ),
    )
    .addOption(
      new Option(
        '--proxy <url>',
        'http://[user:password@]host:port, or `none`; HTTPS_PROXY, HTTP_PROXY and NO_PROXY unless told',
      ).env('FLOTILLA_AGENT_PROXY'),
    )
    .option('--key-age <duration>', 'replace the agent’s own key when it is older: 30d unless told', durationValue)
    .option('--health-port <port>', 'answer /healthz, /readyz and /metrics there; off unless told', portValue)
    .option('--health-host <address>', 'for --health-port', '127.0.0.1')
    .option(
      '--no-bootstrap',
      'do not create the service account that applications are applied as, bound to cluster-admin',
    )
    .addOption(new Option('--log-level <level>', 'JSON lines on standard error').choices(logLevels).default('info'));
  withExamples(
    run,
    'flotilla agent run --hub https://flotilla.example.com --join-token fltj_…',
    'flotilla agent run --kubeconfig ~/.kube/config --context minikube --data-folder ~/.flotilla-agent',
  ).action(async (options: Options) => await runAgent(io, options));

  manifest(group, io);

  const rotate = group
    .command('rotate-key')
    .description('replace the key of the agent of a cluster now; an agent that runs there takes it over')
    .option('--kubeconfig <file>', 'KUBECONFIG, the pod’s own account, or ~/.kube/config unless told')
    .option('--context <name>', 'of the kubeconfig; its current one unless told')
    .option('--ca <file>', 'PEM certificates to trust for the hub, instead of the system’s');
  withExamples(rotate, 'flotilla agent rotate-key --context minikube').action(
    async (options: Options) => await rotateKeyNow(io, options),
  );
}

interface ManifestFlags {
  hub?: string;
  image?: string;
  ca?: string;
  joinSecret?: string;
  rejoin?: true;
}

function manifest(group: Command, io: Io): void {
  const command = group
    .command('manifest')
    .description('print what an agent of its own needs in a cluster that is registered, for `kubectl apply -f -`')
    .argument('<name>', 'of the cluster')
    .option('--hub <url>', 'address of the hub as the agent reaches it; that of this context unless told')
    .option('--image <image>', 'made from deploy/agent/Dockerfile; flotilla-agent of this version unless told')
    .option('--ca <file>', 'PEM certificates for the agent to trust for the hub')
    .option('--join-secret <name>', 'a Secret with `token` that is made some other way; none is printed then')
    .option('--rejoin', 'a new join token also where an agent has joined: another one takes its place');
  withExamples(
    withHubOptions(command),
    'flotilla agent manifest fra-1 | kubectl --context fra-1 apply -f -',
    'flotilla agent manifest fra-1 --hub https://flotilla.example.com --image registry.example.com/flotilla-agent:0.1.0',
  ).action(async (name: string, flags: ManifestFlags, self: Command) => {
    const { agentManifest } = await import('#src/cli/agent-manifest/manifest');
    const { text, hasToken } = await agentManifest(connect(self, io), name, {
      hubUrl: flags.hub,
      image: flags.image,
      caPem: flags.ca === undefined ? undefined : readTextFile(io, flags.ca),
      joinSecret: flags.joinSecret,
      isRejoining: flags.rejoin === true,
    });
    io.stdout.write(text);
    if (hasToken) io.stderr.write('it holds a join token: whoever has it may join as this cluster, once\n');
  });
}

async function rotateKeyNow(io: Io, options: Options): Promise<void> {
  const { rotateStoredKey } = await import('#src/agent/identity/rotate-now');
  const kubernetes = await clusterOf(io, options);
  try {
    const hubCa = options.ca === undefined ? undefined : readTextFile(io, options.ca);
    const { cluster, keyId } = await rotateStoredKey({ kubernetes, hubCa });
    io.stdout.write(`the agent of cluster ${cluster} has key ${keyId} now\n`);
  } catch (error) {
    throw explained(error);
  } finally {
    await kubernetes.close();
  }
}

async function runAgent(io: Io, options: Options): Promise<void> {
  const { startAgent } = await import('#src/agent/agent');
  const outgoing = await outgoingTo(io, options);
  const kubernetes = await clusterOf(io, options);
  const signal = io.interrupted();
  const logger = jsonLogger(io.stderr, options.logLevel, () => io.now());
  let agent: RunningAgent | undefined;
  let health: HealthServer | undefined;
  try {
    health = await healthOf(options, () => agent?.state());
    agent = await startAgent({
      kubernetes,
      hubUrl: options.hub,
      joinToken: options.joinToken,
      hubCa: options.ca === undefined ? undefined : readTextFile(io, options.ca),
      outgoing,
      dataFolder: options.dataFolder === undefined ? undefined : path.resolve(io.cwd, options.dataFolder),
      bootstrap: options.bootstrap,
      timing: options.keyAge === undefined ? {} : { keyAgeMs: options.keyAge },
      logger,
      signal,
    });
    const running = agent;
    const onSignal = () => void running.stop();
    if (signal.aborted) onSignal();
    else signal.addEventListener('abort', onSignal, { once: true });
    const end = await running.whenStopped;
    if (end.reason !== 'stopped') throw CliError.failed(`the agent has ended: ${end.message}`);
  } catch (error) {
    if (signal.aborted) throw new CliExit(exitCodes.ok);
    throw explained(error);
  } finally {
    await health?.close();
    await kubernetes.close();
  }
}

async function healthOf(
  { healthPort: port, healthHost: host }: Options,
  state: () => AgentView | undefined,
): Promise<HealthServer | undefined> {
  if (port === undefined) return undefined;
  const { serveHealth } = await import('#src/agent/serve/health-server');
  try {
    return await serveHealth({ port, host, state });
  } catch (error) {
    throw CliError.usage(
      `cannot listen on ${host}:${port}: ${(error as Error).message}`,
      'choose another --health-port',
    );
  }
}

async function outgoingTo(io: Io, { proxy, extraCa: extraCaFile }: Options): Promise<Outgoing> {
  const { outgoingOf } = await import('#src/net/outgoing-settings');
  const outcome = outgoingOf({ proxy, extraCaFile }, io.env, (file) => readTextFile(io, file));
  if (!outcome.ok) throw CliError.usage(outcome.message, 'see --proxy and --extra-ca');
  return outcome.outgoing;
}

/** The cluster of a kubeconfig, or the one that this pod runs in. */
async function clusterOf(io: Io, { kubeconfig, context }: Options): Promise<KubernetesApi> {
  const { realKubernetes } = await import('#src/agent/kubernetes/real/real-kubernetes');
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST } = io.env;
  const named = kubeconfig ?? (KUBECONFIG === '' ? undefined : KUBECONFIG?.split(path.delimiter)[0]);
  if (named === undefined && KUBERNETES_SERVICE_HOST !== undefined) return realKubernetes({ inCluster: true });
  const file = path.resolve(io.cwd, named ?? path.join(io.home, '.kube', 'config'));
  if (!existsSync(file)) throw CliError.usage(`there is no kubeconfig ${file}`, 'name one by --kubeconfig');
  try {
    // One's own kubeconfig, on one's own machine: its programs and files may be used.
    const own = { allowExec: true, allowFiles: true, folder: path.dirname(file) };
    return realKubernetes({ kubeconfig: readTextFile(io, file), context, ...own });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw CliError.usage(`${file}: ${(error as Error).message}`);
  }
}

function explained(error: unknown): unknown {
  const { name, message, kind } = error as { name?: string; message?: string; kind?: string };
  if (name === 'AgentError') return CliError.failed(message ?? '');
  if (name === 'KubernetesError') {
    return CliError.failed(`the cluster: ${message ?? ''}`, { hint: 'try the same kubeconfig with `kubectl version`' });
  }
  if (name === 'HubError') {
    const exitCode = kind === 'unreachable' ? exitCodes.unreachable : exitCodes.unauthorised;
    return new CliError(exitCode, `the hub: ${message ?? ''}`);
  }
  return error;
}
