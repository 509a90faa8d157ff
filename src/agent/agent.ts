import { join } from 'node:path';
import { silentLogger } from '#src/log/logger';
import { AgentState } from './cluster/agent-state';
import { clusterUidOf, ensureAgentNamespace, ensurePlatformAccount } from './cluster/bootstrap';
import { AgentError, messageOf } from './errors';
import { httpHub } from './hub/http';
import { HubError, type HubGateway } from './hub/port';
import { establishIdentity } from './identity/join';
import { toleratingNamespaces } from './kubernetes/cluster-scoped';
import { respectingLimits } from './kubernetes/limits';
import { type AgentOptions, defaultTiming } from './options';
import { kafkaProducers } from './reports/session-sink';
import { Running, type RunningAgent } from './running';
import { fullJitterMs, systemRuntime } from './runtime';
import { DiskSpool } from './spool/disk-spool';
import { memorySpool } from './spool/spool';
import { noCache } from './sync/cache';
import { DiskCache } from './sync/disk-cache';
import { noSharedNodes } from './sync/shared-nodes';

/**
 * Joins if need be, and keeps the cluster at what the hub declares until it is stopped, or the hub ends it. Resolves once it
 * runs; waits for the hub only to join. Throws `AgentError` for what a person has to put right, `KubernetesError` and
 * `HubError` as they come.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { logger = silentLogger, runtime = systemRuntime, dataFolder } = options;
  const kubernetes = toleratingNamespaces(respectingLimits(options.kubernetes, runtime));
  const clusterUid = await clusterUidOf(kubernetes);
  await ensureAgentNamespace(kubernetes);
  const { outgoing, hubCa: ca } = options;
  const gatewayTo = options.gatewayTo ?? ((url: string): HubGateway => httpHub({ url, ca, outgoing, runtime }));
  const gateways = new Map<string, HubGateway>();
  const gatewayOf = (url: string): HubGateway => {
    const gateway = gateways.get(url) ?? gatewayTo(url);
    gateways.set(url, gateway);
    return gateway;
  };
  const closeGateways = async (): Promise<void> => {
    await Promise.allSettled([...gateways.values()].map((gateway) => gateway.close()));
  };
  try {
    const identity = await establishIdentity({
      kubernetes,
      clusterUid,
      hubUrl: options.hubUrl,
      joinToken: options.joinToken,
      gatewayTo: gatewayOf,
      patiently: (what, call) => patiently(what, call, { ...options, logger, runtime }),
    });
    logger.info(
      { cluster: identity.name, clusterId: identity.cluster, hub: identity.hubUrl },
      'the agent has its identity',
    );
    if (options.bootstrap === true) await ensurePlatformAccount(kubernetes);
    const state = new AgentState(kubernetes);
    const running = new Running({
      kubernetes,
      identity,
      clusterUid,
      state,
      session: await state.nextSession(),
      kubernetesVersion: await kubernetes.serverVersion(),
      client: gatewayOf(identity.hubUrl).as(identity),
      cache: dataFolder === undefined ? noCache : new DiskCache(join(dataFolder, 'desired')),
      spool: dataFolder === undefined ? memorySpool : new DiskSpool(join(dataFolder, 'spool')),
      openProducer: options.openProducer ?? kafkaProducers(identity.cluster, logger),
      logger,
      runtime,
      timing: { ...defaultTiming, ...options.timing },
      sharedNodes: options.sharedNodes ?? noSharedNodes,
      observer: options.observer,
      signal: options.signal,
      protocols: options.protocols,
      isWatching: options.watch ?? true,
      close: closeGateways,
    });
    await running.start();
    return running;
  } catch (error) {
    await closeGateways();
    throw error;
  }
}

async function patiently<T>(
  what: string,
  call: () => Promise<T>,
  { logger, runtime, signal }: Required<Pick<AgentOptions, 'logger' | 'runtime'>> & Pick<AgentOptions, 'signal'>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const isPassing = error instanceof HubError && (error.kind === 'unreachable' || error.kind === 'throttled');
      if (!isPassing) throw error;
      logger.warn({ error: messageOf(error), attempt }, `${what} is tried again`);
      const pauseMs = (error.details.retryAfterMs ?? 0) + 100 + fullJitterMs(attempt, 1_000, 30_000, runtime.random);
      await runtime.sleep(pauseMs, signal);
      if (signal?.aborted === true) throw new AgentError(`${what} was given up: the agent was stopped`);
    }
  }
}

export type { AgentOptions, RunningAgent };
