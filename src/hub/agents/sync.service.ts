import { Injectable } from '@nestjs/common';
import type { Hold, SyncAnswer, SyncRequest } from '#libs/protocol/sync';
import { Roots } from '#src/hub/desired-state/roots.service';
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
    private readonly differences: Differences,
    private readonly waiting: Waiting,
    private readonly keys: HubKeys,
    private readonly tokens: AgentTokens,
  ) {}

  /** @param aborted the agent has gone away */
  async sync(cluster: AgentCluster, request: SyncRequest, aborted: AbortSignal): Promise<SyncAnswer> {
    const clusterId = cluster.id;
    const deadline = Date.now() + request.waitMs;
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

  private async look(clusterId: string, request: SyncRequest): Promise<SyncAnswer> {
    const difference = await this.differing(clusterId, request);
    // Last: no root goes out with a hold from before it was made.
    return {
      ...difference,
      hold: await this.hold(clusterId),
      keys: this.keys.keySetId(),
    };
  }

  private async hold(clusterId: string): Promise<Hold> {
    const { version, cluster, applications, reason } = await this.repository.holds(clusterId);
    return {
      version,
      cluster,
      applications,
      ...(reason === null ? {} : { reason: reason.slice(0, 500) }),
    };
  }

  private async differing(clusterId: string, request: SyncRequest): Promise<Omit<SyncAnswer, 'hold' | 'keys'>> {
    const root = await this.roots.current(clusterId);
    const nothing = { nodes: {}, bundles: [], partial: false, traces: {} };
    if (root === undefined) return nothing;
    const { have } = request;
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
