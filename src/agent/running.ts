import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { TargetReport } from '#libs/protocol/report';
import type { Version } from '#libs/protocol/root';
import type { Hold } from '#libs/protocol/sync';
import type { Logger } from '#src/log/logger';
import type { AgentState } from './cluster/agent-state';
import { CompareLoop } from './compare/loop';
import { messageOf } from './errors';
import { HealthLoop } from './health/loop';
import type { HubClient } from './hub/port';
import type { Identity } from './identity/identity';
import { OwnKey } from './identity/own-key';
import { InventoryStore } from './inventory/store';
import type { KubernetesApi } from './kubernetes/port';
import { agentVersion } from './names';
import type { AgentObserver, AgentTiming } from './options';
import { Reconciler } from './reconcile/reconciler';
import { runHeartbeats } from './reports/heartbeats';
import { Outbox } from './reports/outbox';
import { Reporter } from './reports/reporter';
import { type OpenProducer, SessionSinks } from './reports/session-sink';
import type { ReportSink } from './reports/sink';
import { type AgentRuntime, jittered } from './runtime';
import { openSession, type Session } from './session/handshake';
import type { Spool } from './spool/spool';
import type { NodeCache } from './sync/cache';
import type { DesiredState } from './sync/desired';
import { HeldState } from './sync/held-state';
import { type Ending, runSyncLoop } from './sync/loop';
import { NodeStore } from './sync/node-store';
import { Watching, type WatchingOptions } from './watch/watching';
import type { SharedNodes } from './sync/shared-nodes';

/** Calls of the Kubernetes API that one agent has under way at once. */
const concurrentCalls = 16;
/** The first report waits so long for the first look at the cluster. */
const firstLookMs = 5_000;

export interface RunningOptions {
  kubernetes: KubernetesApi;
  kubernetesVersion: string;
  identity: Identity;
  clusterUid: string;
  state: AgentState;
  session: number;
  client: HubClient;
  cache: NodeCache;
  spool: Spool;
  openProducer: OpenProducer;
  logger: Logger;
  runtime: AgentRuntime;
  timing: AgentTiming;
  protocols?: readonly number[];
  isWatching: boolean;
  sharedNodes: SharedNodes;
  observer?: AgentObserver;
  signal?: AbortSignal;
  close(): Promise<void>;
}

export type AgentEnd = { reason: 'stopped' } | Ending;

export interface AgentView {
  cluster: string;
  name: string;
  region: string;
  session: number;
  isConnected: boolean;
  root: Version | undefined;
  hold: Hold;
  trouble: string | undefined;
  targets: TargetReport[];
  waitingReports: number;
}

export interface RunningAgent {
  /** Ends all work at the next step; what runs in the cluster stays as it is. Resolves when nothing is under way any more. */
  stop(): Promise<void>;
  /** A full comparison now; resolves when it is done. */
  compareNow(): Promise<void>;
  state(): AgentView;
  /** Why it ended: by `stop`, or since the hub or another agent ended it. Never rejects. */
  readonly whenStopped: Promise<AgentEnd>;
}

/** An agent at work: wires the loops to each other. */
export class Running implements RunningAgent {
  readonly whenStopped: Promise<AgentEnd>;
  private readonly stopping = new AbortController();
  private readonly held: HeldState;
  private readonly nodes = new NodeStore();
  private readonly reconciler: Reconciler;
  private readonly outbox: Outbox;
  private readonly reporter: Reporter;
  private readonly health: HealthLoop;
  private readonly comparing: CompareLoop;
  private readonly sinks: SessionSinks;
  private readonly ownKey: OwnKey;
  private readonly watching: Watching | undefined;
  private beating: { stop: AbortController; ended: Promise<void> } | undefined;
  private session: number;
  private isConnected = false;
  private trouble: string | undefined;
  private finish!: (end: AgentEnd) => void;

  constructor(private readonly options: RunningOptions) {
    const { identity, runtime, logger, kubernetes, timing } = options;
    const { signal } = this.stopping;
    this.session = options.session;
    // Every loop listens for the end.
    setMaxListeners(64, signal);
    this.whenStopped = new Promise((resolve) => (this.finish = resolve));
    this.held = new HeldState({ ...options, nodes: this.nodes, now: runtime.now });
    this.reconciler = new Reconciler(
      {
        kubernetes,
        inventories: new InventoryStore(kubernetes),
        previousNode: (digest) => this.held.restoreNode('object', digest),
        runtime,
        logger,
        calls: pLimit(concurrentCalls),
        signal,
      },
      (isGone) => this.changed(isGone),
    );
    this.outbox = new Outbox(options);
    this.ownKey = new OwnKey({ ...options, maxAgeMs: timing.keyAgeMs });
    this.reporter = new Reporter({
      outbox: this.outbox,
      runtime,
      facts: () => ({ kubernetesVersion: options.kubernetesVersion, agentVersion }),
      statuses: (nowMs) => this.reconciler.statuses(nowMs),
    });
    this.health = new HealthLoop({ reconciler: this.reconciler, runtime, settledMs: timing.healthMs });
    this.comparing = new CompareLoop({
      runtime,
      compareAll: () => this.reconciler.compareAll(),
      onError: (error) => logger.error({ error: messageOf(error) }, 'a full comparison failed'),
    });
    if (options.isWatching) {
      const onChanged: WatchingOptions['onChanged'] = (changed) => this.reconciler.objectsChanged(changed);
      this.watching = new Watching({ kubernetes, runtime, logger, onChanged });
    }
    this.sinks = new SessionSinks(options.client, identity.cluster, options.openProducer, () => runtime.monotonicMs());
  }

  async start(): Promise<void> {
    const { logger, signal } = this.options;
    await this.outbox.load();
    this.reporter.startSession(this.session);
    const restored = await this.held.restore();
    if (!restored.ok) {
      this.trouble = restored.message;
      logger.warn({ reason: restored.message }, 'what was kept on disk is not used');
    }
    this.reconciler.setHold(this.held.hold);
    if (signal?.aborted === true) this.stopping.abort();
    signal?.addEventListener('abort', () => this.stopping.abort(), { once: true });
    void this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.whenStopped;
  }

  compareNow(): Promise<void> {
    return this.reconciler.compareAll();
  }

  state(): AgentView {
    const { identity, runtime } = this.options;
    const { cluster, name, region } = identity;
    const root = this.held.desired?.root;
    return {
      cluster,
      name,
      region,
      session: this.session,
      isConnected: this.isConnected,
      root: root && { epoch: root.epoch, generation: root.generation },
      hold: this.held.hold,
      trouble: this.troubleNow(),
      targets: this.reconciler.statuses(runtime.monotonicMs()),
      waitingReports: this.outbox.waitingCount,
    };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { runtime, logger } = this.options;
    const beside = [
      this.outbox.run(signal),
      this.health.run(signal),
      this.comparing.run(signal),
      this.snapshots(signal),
      this.ownKey.run(signal),
      this.watching?.run(signal),
    ];
    void runtime.sleep(firstLookMs, signal).then(() => this.reporter.open());
    const ending = await runSyncLoop(this.syncOptions()).catch((error: unknown): undefined => {
      logger.error({ error: messageOf(error) }, 'the agent failed');
    });
    if (ending !== undefined) logger.warn({ ...ending }, 'the agent ends; what runs in the cluster stays as it is');
    this.reporter.flush();
    this.stopping.abort();
    this.beating?.stop.abort();
    await Promise.allSettled([...beside, this.reconciler.ended(), this.beating?.ended]);
    await this.sinks.close();
    await this.options.close();
    this.finish(ending ?? { reason: 'stopped' });
  }

  private syncOptions(): Parameters<typeof runSyncLoop>[0] {
    const { client, runtime, logger, timing, state, sharedNodes } = this.options;
    return {
      client,
      held: this.held,
      nodes: this.nodes,
      sharedNodes,
      runtime,
      logger,
      signal: this.stopping.signal,
      waitMs: timing.pollMs,
      openSession: (sameNumber) => this.openSession(sameNumber),
      readKey: () => this.ownKey.read(),
      isSuperseded: async () => (await state.read()).session > this.session,
      appliedDigests: () => this.reconciler.appliedDigests(),
      onSession: (session) => this.onSession(session),
      onHold: (hold) => this.reconciler.setHold(hold),
      onDesired: (desired, traces) => this.onDesired(desired, traces),
      onSettled: () => {
        if (this.held.desired === undefined) this.reporter.open();
      },
      onTrouble: (trouble) => this.onTrouble(trouble),
    };
  }

  private onTrouble(trouble: string | undefined): void {
    const isConnected = trouble === undefined;
    const isNews = isConnected !== this.isConnected;
    this.isConnected = isConnected;
    this.trouble = trouble;
    if (isNews) this.options.observer?.connection(isConnected);
  }

  private async openSession(sameNumber: boolean): Promise<Session> {
    const { client, identity, clusterUid, runtime, state } = this.options;
    if (!sameNumber) this.session = await state.nextSession();
    return openSession(client, identity, clusterUid, this.session, runtime.now(), this.options.protocols);
  }

  private async onSession(session: Session): Promise<void> {
    const { logger } = this.options;
    logger.info({ session: session.number, log: session.settings.log.kind }, 'a session is open');
    this.ownKey.mayRotate();
    this.comparing.every(session.settings.fullComparisonSeconds);
    this.reporter.startSession(session.number);
    const sink = await this.sinks.sinkFor(session.settings.log);
    this.outbox.open((reports) => sink.send(reports));
    this.beat(session, sink);
  }

  private beat(session: Session, sink: ReportSink): void {
    const { identity, runtime, logger } = this.options;
    this.beating?.stop.abort();
    const stop = new AbortController();
    if (this.stopping.signal.aborted) return;
    const state = () => ({ root: this.held.desired?.root, trouble: this.troubleNow() });
    const options = { cluster: identity.cluster, runtime, logger, sink, session, state };
    this.beating = { stop, ended: runHeartbeats(options, stop.signal) };
  }

  private onDesired(desired: DesiredState, traces: Readonly<Record<string, string>>): void {
    const { logger } = this.options;
    const { epoch, generation } = desired.root;
    logger.info({ epoch, generation, targets: desired.targets.size, traces }, 'a desired state is in force');
    this.options.observer?.root({ epoch, generation });
    // The first report waits until what a former run applied was looked at.
    void this.reconciler.setDesired(desired).then(() => this.reporter.open());
    this.watching?.follow(desired);
  }

  private changed(isGone: boolean): void {
    if (isGone) this.reporter.snapshot();
    else this.reporter.changed();
    this.health.nudge();
  }

  private async snapshots(signal: AbortSignal): Promise<void> {
    const { runtime, timing } = this.options;
    while (!signal.aborted) {
      await runtime.sleep(jittered(timing.snapshotMs, 0.1, runtime.random), signal);
      if (!signal.aborted) this.reporter.snapshot();
    }
  }

  private troubleNow(): string | undefined {
    const root = this.held.desired?.root;
    const isExpired = root !== undefined && Date.parse(root.expiresAt) <= this.options.runtime.now().getTime();
    if (!isExpired) return this.trouble;
    return `the root that is held expired at ${root.expiresAt}: nothing is applied until the hub gives a newer one`;
  }
}
