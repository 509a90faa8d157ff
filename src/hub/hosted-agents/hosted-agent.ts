import { rm } from 'node:fs/promises';
import type { LimitFunction } from 'p-limit';
import { type RunningAgent, startAgent } from '#src/agent/agent';
import { AgentError, messageOf } from '#src/agent/errors';
import type { AgentOptions } from '#src/agent/options';
import { type AgentRuntime, fullJitterMs, jittered } from '#src/agent/runtime';
import type { Logger } from '#src/log/logger';
import { Breaker } from './breaker';
import { openCluster } from './cluster-connection';
import type { Credential, Credentials } from './credentials.service';
import { GuardedKubernetes } from './guarded-kubernetes';
import { forgetRegistration, joinTokenFor } from './joining';
import type { AcquiredLease } from './leases.repository';
import { Troubles } from './troubles';

const restartBaseMs = 1_000;
const restartCapMs = 300_000;
/** An agent that ran so long begins to count its failures anew. */
const provenMs = 60_000;
const credentialCheckMs = 30_000;
/** For calls of the cluster that are under way when an agent is to stop. */
const graceMs = 3_000;

export interface HostedAgentPorts {
  credentials: Credentials;
  /** Earlier join tokens of the cluster are void from then on. */
  issueJoinToken(): Promise<string>;
  hubUrl(): string;
  /** Of this agent alone. */
  dataFolder: string;
  openProducer: AgentOptions['openProducer'];
  logger: Logger;
  runtime: AgentRuntime;
  /** Bounds how many start at once. */
  admission: LimitFunction;
  /** Ends before this one begins: a former agent of the same cluster. */
  after: Promise<void>;
}

/**
 * The agent of one cluster under one lease: started, started again after a pause when it fails, and kept in credentials.
 * What goes wrong stays its own: it is told in `message`, and concerns no other cluster.
 */
export class HostedAgent {
  private readonly stopping = new AbortController();
  private readonly troubles: Troubles;
  private readonly ended: Promise<void>;
  private kubernetes: GuardedKubernetes | undefined;
  private credentialVersion: number | undefined;
  /** Ends a pause early: there is a new credential, once for each version. */
  private nudge = new AbortController();
  private nudgedFor: number | undefined;

  constructor(
    readonly lease: AcquiredLease,
    private readonly ports: HostedAgentPorts,
  ) {
    this.troubles = new Troubles((message) => ports.credentials.tell(lease, message));
    this.ended = ports.after.then(() => this.run());
  }

  /** The version that the database has now: another one than ours is taken up at once. */
  credentialIs(version: number): void {
    if (this.credentialVersion === undefined || version === this.credentialVersion || version === this.nudgedFor)
      return;
    this.nudgedFor = version;
    this.nudge.abort();
  }

  /** Ends at the next step. `atOnce`: calls under way are cut off, since the cluster may be another hub's already. */
  async stop({ atOnce = false } = {}): Promise<void> {
    this.stopping.abort();
    const cutOff = setTimeout(() => void this.kubernetes?.close(), atOnce ? 0 : graceMs);
    await this.ended;
    clearTimeout(cutOff);
    await this.kubernetes?.close();
  }

  /** The cluster has left the fleet. */
  async leave(): Promise<void> {
    this.stopping.abort();
    await this.ended;
    const { kubernetes } = this;
    if (kubernetes !== undefined) {
      await forgetRegistration(kubernetes, this.lease.clusterId).catch((error: unknown) =>
        this.ports.logger.warn({ error: messageOf(error) }, 'the identity of a former agent was left in its cluster'),
      );
      await kubernetes.close();
    }
    await rm(this.ports.dataFolder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const { runtime, logger } = this.ports;
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      const beganMs = runtime.monotonicMs();
      const trouble = await this.once().catch((error: unknown) => messageOf(error));
      if (signal.aborted) break;
      if (runtime.monotonicMs() - beganMs > provenMs) failures = 0;
      failures += 1;
      if (trouble !== undefined) {
        logger.warn({ error: trouble, failures }, 'a hosted agent does not run; it is started again');
        this.troubles.set('agent', trouble);
      }
      await this.pause(restartBaseMs + fullJitterMs(failures, restartBaseMs, restartCapMs, runtime.random));
    }
    await this.troubles.settled();
  }

  /** One life of the agent. Gives why it ended; undefined where there is nothing to host. */
  private async once(): Promise<string | undefined> {
    const { signal } = this.stopping;
    const agent = await this.ports.admission(() => (signal.aborted ? undefined : this.start()));
    if (agent === undefined) return undefined;
    const over = new AbortController();
    const stop = (): void => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    void agent.whenStopped.then(stop);
    try {
      await this.keepCredential(over.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      await agent.stop();
    }
    const end = await agent.whenStopped;
    if (end.reason !== 'superseded') return end.reason === 'stopped' ? undefined : end.message;
    return `another agent runs for this cluster (${end.message}): stop it, or \`flotilla cluster unhost\``;
  }

  private async start(): Promise<RunningAgent | undefined> {
    const { credentials, logger, runtime, dataFolder, openProducer, issueJoinToken } = this.ports;
    const { clusterId: id } = this.lease;
    const credential = await credentials.open(id);
    if (credential === undefined) return undefined;
    this.connect(credential);
    if (credential.isExpired) {
      const when = credential.expiresAt?.toISOString();
      throw new AgentError(`the hub's credential expired at ${when}: run \`flotilla cluster add\` again`);
    }
    await this.renewIfDue(credential);
    const kubernetes = this.kubernetes!;
    const { agentKeyId, mayJoin } = credential;
    const joinToken = await joinTokenFor(kubernetes, { id, agentKeyId, mayJoin }, issueJoinToken);
    const agent = await startAgent({
      kubernetes,
      hubUrl: this.ports.hubUrl(),
      joinToken,
      dataFolder,
      logger,
      runtime,
      openProducer,
      signal: this.stopping.signal,
    });
    await credentials.joined(this.lease);
    this.troubles.set('agent', undefined);
    return agent;
  }

  /** Takes up what somebody gave, and renews what grows old, until the signal ends it. */
  private async keepCredential(signal: AbortSignal): Promise<void> {
    const { credentials, runtime } = this.ports;
    for (let failures = 0; ;) {
      const checkMs =
        failures === 0 ? credentialCheckMs : fullJitterMs(failures, credentialCheckMs, 600_000, runtime.random);
      await this.pause(jittered(checkMs, 0.2, runtime.random), signal);
      if (signal.aborted) return;
      const credential = await credentials.open(this.lease.clusterId).catch(() => null);
      if (credential === undefined) return;
      if (credential === null) {
        failures += 1;
        continue;
      }
      if (credential.version !== this.credentialVersion) this.connect(credential);
      failures = (await this.renewIfDue(credential)) ? 0 : failures + 1;
    }
  }

  /** False: it is due and failed; the present one is used as long as it lasts. */
  private async renewIfDue(credential: Credential): Promise<boolean> {
    if (!credential.isRenewalDue) {
      this.troubles.set('credential', undefined);
      return true;
    }
    const { credentials, logger } = this.ports;
    try {
      const renewed = await credentials.renew(this.lease, credential);
      if (renewed !== undefined) {
        this.credentialVersion = credential.version + 1;
        this.kubernetes?.exchange(openCluster(renewed));
        logger.info({ expiresAt: renewed.claims.life?.expiresAt }, 'the credential of a hosted agent was renewed');
      }
      this.troubles.set('credential', undefined);
      return true;
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'the credential of a hosted agent was not renewed');
      this.troubles.set('credential', `the credential cannot be renewed: ${messageOf(error)}`);
      return false;
    }
  }

  private connect({ kubeconfig, version }: Credential): void {
    const { runtime } = this.ports;
    if (version !== this.credentialVersion) this.troubles.retell();
    this.credentialVersion = version;
    const api = openCluster(kubeconfig);
    if (this.kubernetes !== undefined) return this.kubernetes.exchange(api);
    const breaker = new Breaker(runtime.monotonicMs, runtime.random);
    this.kubernetes = new GuardedKubernetes(api, breaker, (message) => this.troubles.set('cluster', message));
  }

  /** As long, or until there is a new credential, or the end. */
  private async pause(ms: number, signal: AbortSignal = this.stopping.signal): Promise<void> {
    await this.ports.runtime.sleep(ms, AbortSignal.any([signal, this.nudge.signal]));
    if (this.nudge.signal.aborted) this.nudge = new AbortController();
  }
}
