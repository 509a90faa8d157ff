import { Injectable } from '@nestjs/common';
import { compareVersions } from '#libs/protocol/root';
import type { Hold, SyncAnswer, SyncRequest } from '#libs/protocol/sync';
import { Ahead } from '#src/hub/desired-state/ahead';
import { Roots } from '#src/hub/desired-state/roots.service';
import { Problem } from '#src/hub/http/problem';
import { HubKeys } from '#src/hub/security/hub-keys';
import { crashPoint } from '#src/hub/stages/crash-point';
import { AgentTokens } from './agent-tokens.service';
import { type AgentCluster, AgentsRepository } from './agents.repository';
import { Differences } from './differences';
import { Waiting } from './waiting';

/** One request brings an agent up to date: it waits until there is something new, then answers with what differs. */
@Injectable()
export class Sync {
  constructor(
    private readonly repository: AgentsRepository,
    private readonly roots: Roots,
    private readonly ahead: Ahead,
    private readonly differences: Differences,
    private readonly waiting: Waiting,
    private readonly keys: HubKeys,
    private readonly tokens: AgentTokens,
  ) {}

  /** @param aborted the agent has gone away */
  async sync(cluster: AgentCluster, request: SyncRequest, aborted: AbortSignal): Promise<SyncAnswer> {
    const clusterId = cluster.id;
    const deadline = Date.now() + request.waitMs;
    await this.requireSession(clusterId, request.session);
    for (;;) {
      const wait = this.waiting.begin(clusterId, Math.max(0, deadline - Date.now()), aborted);
      try {
        const answer = await this.look(clusterId, request);
        if (answer.root !== undefined || answer.hold.version !== request.have.hold) {
          crashPoint('sync.answering');
          return answer;
        }
        if (aborted.aborted || this.waiting.isStopping || Date.now() >= deadline) return answer;
        await wait.woken;
        // Much can have happened to the agent while its poll was held.
        await this.tokens.stillGood(cluster);
      } finally {
        wait.end();
      }
    }
  }

  /** A session that was opened after the backup which this hub was restored from: the agent opens another one. */
  private async requireSession(clusterId: string, session: number): Promise<void> {
    if (await this.repository.isSessionOpen(clusterId, session)) return;
    throw new Problem('conflict', `session ${session} is not open at this hub (any more); open another one`);
  }

  private async look(clusterId: string, request: SyncRequest): Promise<SyncAnswer> {
    const difference = await this.differing(clusterId, request);
    // Last: no root goes out with a hold from before it was made.
    return { ...difference, hold: await this.hold(clusterId), keys: this.keys.keySetId() };
  }

  private async hold(clusterId: string): Promise<Hold> {
    const { version, cluster, applications, reason } = await this.repository.holds(clusterId);
    return { version, cluster, applications, ...(reason === null ? {} : { reason: reason.slice(0, 500) }) };
  }

  private async differing(clusterId: string, request: SyncRequest): Promise<Omit<SyncAnswer, 'hold' | 'keys'>> {
    const root = await this.roots.current(clusterId);
    const nothing = { nodes: {}, bundles: [], partial: false, traces: {} };
    const { have } = request;
    if (compareVersions(have, root ?? { epoch: 0, generation: 0 }) > 0) {
      await this.ahead.note(clusterId, have);
      return nothing;
    }
    if (root === undefined || root.fenced) return nothing;
    const isCurrent = have.epoch === root.epoch && have.generation === root.generation;
    if (isCurrent && !this.roots.isAging(root)) return nothing;
    const signed = await this.roots.signed(clusterId, root);
    if (isCurrent) return { ...nothing, root: signed.signed };
    const { applications, ...difference } = await this.differences.between(
      Object.values(have.scopes),
      Object.values(root.scopes),
    );
    const traces = await this.roots.traces(clusterId, applications);
    return { root: signed.signed, ...difference, traces };
  }
}
