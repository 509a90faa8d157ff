import { isLoopback } from '#libs/kubeconfig/address';
import { clusterNameFrom } from '#libs/kubeconfig/name';
import { clusterDocumentSchema } from '#libs/resources/cluster';
import { clusterUidOf } from '#src/agent/cluster/bootstrap';
import { AgentError } from '#src/agent/errors';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { agentNamespace } from '#src/agent/names';
import type { Hub } from '../client/hub';
import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import type { Io } from '../io';
import { type CallerCluster, openCallerCluster } from './caller-kubeconfig';
import { agentCredential } from './credential';
import { installAgentAccount } from './install';
import { agentServiceAccount, ownPlatformAccount } from './manifests';
import { findRegistered, host, type Outcome, outcomeOf, register } from './registration';
import { requireRights } from './rights';

export interface AddClusterOptions {
  hub: Hub;
  /** File; else `KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string;
  /** Of the kubeconfig; else its current one. */
  context?: string;
  /** Of the cluster; else from the context's. */
  name?: string;
  region: string;
  labels: Record<string, string>;
  /** `namespace/name` that applications are applied as; else one of our own, as cluster admin. */
  serviceAccount?: string;
}

const waitAttempts = 30;
const waitPauseMs = 1_000;

/**
 * Adds a cluster that the caller reaches by kubeconfig: installs an account for the agent there, registers the cluster, and
 * has the hub host its agent. Each step can be done again; running it again after a failure goes on, and mends what is
 * there. Throws a CliError.
 */
export async function addCluster(options: AddClusterOptions, io: Io): Promise<void> {
  const cluster = openCallerCluster(options, io);
  try {
    await add(options, cluster, io);
  } catch (error) {
    throw explained(error, cluster);
  } finally {
    await cluster.close();
  }
}

async function add(options: AddClusterOptions, cluster: CallerCluster, io: Io): Promise<void> {
  const { hub, region, labels, serviceAccount = ownPlatformAccount } = options;
  const name = options.name ?? nameFrom(cluster.context);
  requireValid({ metadata: { name, labels }, spec: { region, serviceAccount } });
  const say = (text: string): void => io.stdout.write(`${text}\n`);
  warnOfAddress(cluster, hub, io);
  await requireRights(cluster.transport, cluster.context);
  const clusterUid = await clusterUidOf(cluster.kubernetes);
  const declared = { name, region, labels, serviceAccount, clusterUid };
  const found = await findRegistered(hub, declared);

  await installAgentAccount(cluster.kubernetes, serviceAccount);
  say(`installed service account ${agentNamespace}/${agentServiceAccount} in ${cluster.server}`);
  say(`applications are applied as ${serviceAccount}`);
  const credential = await agentCredential(cluster, io);
  say(`cluster/${name} ${await register(hub, found, declared)}`);
  await host(hub, name, credential);
  say(`the hub hosts the agent of cluster/${name}, and renews its credential`);
  report(await awaitAgent(hub, name, io), name, io);
}

/** Said before anything is changed anywhere. */
function requireValid(document: object): void {
  const checked = clusterDocumentSchema.safeParse(document);
  if (checked.success) return;
  const details = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CliError(exitCodes.usage, 'the cluster cannot be declared like this', { details });
}

function nameFrom(context: string): string {
  const name = clusterNameFrom(context);
  if (name !== undefined) return name;
  throw CliError.usage(`no name for the cluster can be made of context "${context}"`, 'give one: --name NAME');
}

/** An address of this machine is another machine's own, to a hub elsewhere. */
function warnOfAddress({ server }: CallerCluster, hub: Hub, io: Io): void {
  if (!isLoopback(new URL(server).hostname) || isLoopback(new URL(hub.url).hostname)) return;
  io.stderr.write(
    `warning: ${server} is an address of this machine, and the hub at ${hub.url} seems to run elsewhere; it will not ` +
      'reach the cluster there. Use an address that the hub reaches, or run an agent here: `flotilla cluster register`\n',
  );
}

async function awaitAgent(hub: Hub, name: string, io: Io): Promise<Outcome> {
  const interrupted = io.interrupted();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await outcomeOf(hub, name);
    if (outcome.online || attempt >= waitAttempts || interrupted.aborted) return outcome;
    await io.sleep(waitPauseMs);
  }
}

function report(outcome: Outcome, name: string, io: Io): void {
  const next = `see it with: flotilla cluster show ${name}`;
  if (outcome.online) return void io.stdout.write(`cluster/${name} is online; ${next}\n`);
  if (outcome.message === undefined) {
    return void io.stdout.write(`cluster/${name} has not been heard yet; ${next}\n`);
  }
  throw CliError.failed(`the agent of cluster/${name} does not run yet: ${outcome.message}`, {
    hint: `the hub goes on trying; ${next}`,
  });
}

function explained(error: unknown, { server, context }: CallerCluster): unknown {
  if (error instanceof AgentError) return CliError.failed(error.message);
  if (!(error instanceof KubernetesError)) return error;
  const where = `${server} (context ${context})`;
  switch (error.errorClass) {
    case 'unauthorized':
      return CliError.failed(`the cluster at ${where} does not take your login: ${error.message}`, {
        hint: 'log in to the cluster again, until `kubectl get namespaces` works with this context',
      });
    case 'unavailable':
    case 'timeout':
      return CliError.failed(`the cluster at ${where} cannot be reached: ${error.message}`, {
        hint: 'does `kubectl get namespaces` work with this context?',
      });
    default:
      return CliError.failed(`the cluster at ${where} refused: ${error.message}`);
  }
}
