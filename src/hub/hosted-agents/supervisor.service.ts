import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import pLimit from 'p-limit';
import { systemRuntime } from '#src/agent/runtime';
import { JoinTokens } from '#src/hub/clusters/join-tokens.service';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { HubLog } from '#src/hub/message-log/hub-log';
import { Credentials } from './credentials.service';
import { HostedAgent } from './hosted-agent';
import { type AcquiredLease, LeasesRepository, leaseTtlMs } from './leases.repository';
import { OwnAddress } from './own-address';

const renewEveryMs = 1_500;
/** Nobody else has a lease before its time; a second is left for clocks and for cutting off what is under way. */
const safeMs = leaseTtlMs - 1_000;
const watchEveryMs = 250;
const concurrentStarts = 4;
/** Leases taken in one turn, so that hubs that start together share rather than the first having all. */
const acquiredAtOnce = 20;

/**
 * Runs the agents of hosted clusters in this process, as many as are this hub's share, each under a lease. Where the
 * database cannot be reached in time, the leases are over and all of them stop.
 */
@Injectable()
export class Supervisor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly hub = randomUUID();
  private readonly agents = new Map<string, HostedAgent>();
  private readonly ending = new Map<string, Promise<void>>();
  private readonly admission = pLimit(concurrentStarts);
  private renewedMs = 0;
  private stopping = false;
  private turning: Promise<void> | undefined;
  private again = false;
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly leases: LeasesRepository,
    private readonly credentials: Credentials,
    private readonly joinTokens: JoinTokens,
    private readonly log: HubLog,
    private readonly address: OwnAddress,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.agents.hostClusters) return;
    this.watch = setInterval(() => this.stopOverdue(), watchEveryMs);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    await this.turning;
    const held = [...this.agents.values()];
    for (const agent of held) this.drop(agent, () => agent.stop());
    await Promise.allSettled(this.ending.values());
    if (!this.config.agents.hostClusters) return;
    const leases = held.map(({ lease }) => lease);
    await this.leases
      .leave(this.hub, leases)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'leases of hosted clusters were not given back'));
  }

  /** Ids of the clusters whose agents run here. */
  hosted(): string[] {
    return [...this.agents.keys()];
  }

  /** Looks now, rather than in a second. */
  wake(): void {
    if (this.stopping || !this.config.agents.hostClusters) return;
    if (this.turning !== undefined) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.turning = this.turn()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'hosted clusters could not be looked after'))
      .finally(() => {
        this.turning = undefined;
        if (this.stopping) return;
        this.timer = setTimeout(() => this.wake(), this.again ? 0 : renewEveryMs);
        this.again = false;
      });
  }

  private async turn(): Promise<void> {
    if (!this.address.isListening()) return;
    await this.renew();
    const share = await this.leases.share(this.hub);
    const surplus = [...this.agents.values()].slice(share);
    if (surplus.length > 0) return await this.release(surplus);
    const room = Math.min(share - this.agents.size, acquiredAtOnce);
    if (room <= 0 || this.stopping) return;
    const askedMs = systemRuntime.monotonicMs();
    const acquired = await this.leases.acquire(this.hub, room);
    if (this.agents.size === 0) this.renewedMs = askedMs;
    for (const lease of acquired) this.host(lease);
    if (acquired.length === acquiredAtOnce) this.again = true;
  }

  private async renew(): Promise<void> {
    const askedMs = systemRuntime.monotonicMs();
    const held = [...this.agents.values()];
    if (held.length === 0) return;
    const renewed = await this.leases.renew(
      this.hub,
      held.map(({ lease }) => lease),
    );
    this.renewedMs = askedMs;
    const byId = new Map(renewed.map((lease) => [lease.clusterId, lease]));
    const lost = held.filter(({ lease }) => !byId.has(lease.clusterId));
    for (const agent of held) {
      const version = byId.get(agent.lease.clusterId)?.credentialVersion;
      if (version !== undefined) agent.credentialIs(version);
    }
    if (lost.length === 0) return;
    const gone = await this.leases.deregistered(lost.map(({ lease }) => lease.clusterId));
    for (const agent of lost) {
      const isGone = gone.has(agent.lease.clusterId);
      this.drop(agent, () => (isGone ? agent.leave() : agent.stop({ atOnce: true })));
    }
  }

  private async release(agents: readonly HostedAgent[]): Promise<void> {
    for (const agent of agents) {
      this.drop(agent, async () => {
        await agent.stop();
        await this.leases.release(this.hub, [agent.lease]);
      });
    }
  }

  private host(lease: AcquiredLease): void {
    const { clusterId, name } = lease;
    const logger = this.logger.child({ cluster: name, clusterId });
    const agent = new HostedAgent(lease, {
      credentials: this.credentials,
      issueJoinToken: async () => (await this.joinTokens.issue(clusterId)).joinToken,
      hubUrl: () => this.address.url(),
      dataFolder: path.join(this.config.dataFolder, 'agents', clusterId),
      // One producer for all: agents in other networks have one each.
      openProducer: () =>
        Promise.resolve({
          send: (topic, messages) => this.log.send(topic, messages),
          close: () => Promise.resolve(),
        }),
      logger,
      runtime: systemRuntime,
      admission: this.admission,
      after: this.ending.get(clusterId) ?? Promise.resolve(),
    });
    this.agents.set(clusterId, agent);
    logger.info({ epoch: lease.epoch }, 'hosting the agent of a cluster');
  }

  private stopOverdue(): void {
    if (this.agents.size === 0 || systemRuntime.monotonicMs() - this.renewedMs < safeMs) return;
    this.logger.error({ agents: this.agents.size }, 'the database was not reached in time: hosted agents stop');
    for (const agent of [...this.agents.values()]) this.drop(agent, () => agent.stop({ atOnce: true }));
  }

  private drop(agent: HostedAgent, end: () => Promise<void>): void {
    const { clusterId, name } = agent.lease;
    this.agents.delete(clusterId);
    const ended = end()
      .catch((error: unknown) => this.logger.warn({ err: error, cluster: name }, 'a hosted agent did not end well'))
      .finally(() => {
        if (this.ending.get(clusterId) === ended) this.ending.delete(clusterId);
      });
    this.ending.set(clusterId, ended);
    this.logger.info({ cluster: name, clusterId }, 'no longer hosting the agent of a cluster');
  }
}
