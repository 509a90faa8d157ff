import type { Digest } from '#libs/protocol/digest';
import type { Hold, SyncAnswer } from '#libs/protocol/sync';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import { type HubClient, HubError, isFinal } from '../hub/port';
import { type AgentRuntime, fullJitterMs } from '../runtime';
import type { Session } from '../session/handshake';
import { collectNodes } from './collect';
import type { DesiredState } from './desired';
import type { HeldState } from './held-state';
import type { NodeStore } from './node-store';
import type { SharedNodes } from './shared-nodes';

/** Why an agent ends by itself. */
export type Ending = { reason: 'revoked' | 'deregistered' | 'superseded'; message: string };

export interface SyncLoopOptions {
  client: HubClient;
  held: HeldState;
  nodes: NodeStore;
  sharedNodes: SharedNodes;
  runtime: AgentRuntime;
  logger: Logger;
  signal: AbortSignal;
  /** How long the hub may hold a poll, in milliseconds, at least and at most. */
  waitMs: [number, number];
  /** A session at the hub, with a new number from the cluster's counter unless `sameNumber`. */
  openSession(sameNumber: boolean): Promise<Session>;
  /** Takes in another key of this agent, where there is one in the cluster. True when there was. */
  readKey(): Promise<boolean>;
  /** Whether another agent has raised the session counter of this cluster. */
  isSuperseded(): Promise<boolean>;
  /** Digests of objects that were applied and may still be compared with. */
  appliedDigests(): Iterable<Digest>;
  onSession(session: Session): Promise<void>;
  onHold(hold: Hold): void;
  onDesired(desired: DesiredState, traces: Readonly<Record<string, string>>): void;
  /** The hub was asked once, or could not be: from now on, what is held (if anything) is in force. */
  onSettled(): void;
  /** What a person should know; undefined when it is over. */
  onTrouble(trouble: string | undefined): void;
}

/** Keeps up with the hub until the signal ends it (undefined) or the hub, or another agent, does. */
export async function runSyncLoop(options: SyncLoopOptions): Promise<Ending | undefined> {
  const loop = new SyncLoop(options);
  return loop.run();
}

const retryBaseMs = 1_000;
const retryCapMs = 60_000;
/** Hubs learn of another key set within seconds: until then, one that is behind does not make agents go to and fro. */
const keysRefreshMs = 10_000;

class SyncLoop {
  private session: Session | undefined;
  private sameNumber = true;
  private failures = 0;
  /** Keys of roots that a new session was opened for: once each. */
  private readonly refreshedFor = new Set<string>();
  private keysRefreshedMs = -Infinity;
  /** Nothing is done with what was held on disk until the hub was asked once: it may say hold. */
  private isSettled = false;

  constructor(private readonly options: SyncLoopOptions) {}

  async run(): Promise<Ending | undefined> {
    const { signal, runtime } = this.options;
    while (!signal.aborted) {
      try {
        const ending = await this.turn();
        if (ending !== undefined) return ending;
      } catch (error) {
        if (signal.aborted) return undefined;
        const ending = await this.judgeFailure(error);
        if (ending !== undefined) return ending;
        await runtime.sleep(this.pauseMs(error), signal);
      }
    }
    return undefined;
  }

  private async turn(): Promise<Ending | undefined> {
    const { options } = this;
    const session = await this.openedSession();
    const answer = await options.client.sync(this.request(session), options.signal);
    if (await options.held.obey(answer.hold, session)) options.onHold(options.held.hold);
    const ending = await this.take(answer, session);
    if (ending !== undefined) return ending;
    this.settle();
    this.refreshKeySet(answer.keys, session);
    this.failures = 0;
    options.onTrouble(undefined);
    return undefined;
  }

  private async openedSession(): Promise<Session> {
    if (this.session !== undefined) return this.session;
    const session = await this.options.openSession(this.sameNumber);
    this.session = session;
    this.sameNumber = false;
    await this.options.onSession(session);
    return session;
  }

  private request(session: Session) {
    const { held, waitMs, runtime } = this.options;
    const [least, most] = waitMs;
    const { desired } = held;
    // Sensitive nodes are not on disk: after a restart, a root whose nodes are not all here is not held.
    const root = desired?.isComplete === true ? desired.root : undefined;
    return {
      protocol: session.protocol,
      session: session.number,
      have: {
        epoch: root?.epoch ?? 0,
        generation: root?.generation ?? 0,
        scopes: { ...desired?.completeScopes },
        hold: held.hold.version,
      },
      // After a failure the hub is to answer at once, so that it is known that all is well again.
      waitMs: this.isSettled && this.failures === 0 ? Math.round(least + (most - least) * runtime.random()) : 0,
    };
  }

  private async take(answer: SyncAnswer, session: Session): Promise<Ending | undefined> {
    const { held, nodes, sharedNodes, client, signal, appliedDigests } = this.options;
    if (answer.root === undefined) return undefined;
    const verdict = await held.judge(answer.root, session.keys);
    if (verdict.kind === 'refused') {
      this.refreshKeysFor(answer.root.keyId, session);
      throw new HubError('protocol', `a root was refused: ${verdict.message}`);
    }
    const collected = await collectNodes(verdict.root, {
      held: nodes,
      shared: sharedNodes,
      nodes: answer.nodes,
      bundles: answer.bundles,
      fetch: (digest) => client.node(digest, signal),
    });
    if (!collected.ok) throw new HubError('protocol', `the desired state was refused: ${collected.message}`);
    for (const [digest, node] of collected.nodes) nodes.put(digest, node);
    const taken = await held.take(verdict.root, answer.root, session, appliedDigests());
    if (taken.ok) {
      this.options.onDesired(taken.desired, answer.traces);
      if (!this.isSettled) this.options.onSettled();
      this.isSettled = true;
      return undefined;
    }
    if (taken.reason === 'superseded') return { reason: 'superseded', message: taken.message };
    throw new HubError('protocol', `a root was refused: ${taken.message}`);
  }

  private refreshKeysFor(keyId: string, session: Session): void {
    if (session.keys.has(keyId) || this.refreshedFor.has(keyId)) return;
    if (this.refreshedFor.size > 100) this.refreshedFor.clear();
    this.refreshedFor.add(keyId);
    this.session = undefined;
  }

  /** Keys were rotated or retired at the hub: a new session brings those that are good now. */
  private refreshKeySet(keys: string | undefined, session: Session): void {
    const nowMs = this.options.runtime.monotonicMs();
    if (keys === undefined || keys === session.keySetId || nowMs - this.keysRefreshedMs < keysRefreshMs) return;
    this.keysRefreshedMs = nowMs;
    this.session = undefined;
  }

  /** From now on, what is held is in force: the hub has nothing newer, or is of no help. */
  private settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { desired } = this.options.held;
    if (desired !== undefined) this.options.onDesired(desired, {});
    this.options.onSettled();
  }

  private async judgeFailure(error: unknown): Promise<Ending | undefined> {
    const { options } = this;
    const message = messageOf(error);
    if (isFinal(error)) return { reason: error.kind === 'revoked' ? 'revoked' : 'deregistered', message };
    if (error instanceof HubError && error.kind === 'superseded') {
      if (await options.isSuperseded().catch(() => false)) return { reason: 'superseded', message };
      this.session = undefined;
      this.sameNumber = false;
    }
    if (error instanceof HubError && error.kind === 'unauthorized') {
      // Another process may have replaced the key of this agent.
      if (await options.readKey().catch(() => false)) return undefined;
      if (await options.isSuperseded().catch(() => false)) return { reason: 'superseded', message };
    }
    this.settle();
    this.failures += 1;
    options.logger.warn({ error: message, failures: this.failures }, 'the hub could not be followed');
    options.onTrouble(message);
    return undefined;
  }

  private pauseMs(error: unknown): number {
    const told = error instanceof HubError ? (error.details.retryAfterMs ?? 0) : 0;
    return told + fullJitterMs(this.failures - 1, retryBaseMs, retryCapMs, this.options.runtime.random);
  }
}
