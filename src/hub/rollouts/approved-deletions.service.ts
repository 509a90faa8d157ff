import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import { encodeNode } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { Notifications } from '#src/hub/stages/notifications';
import { type DeletableObjects, maxApprovedDeletions, RolloutsRepository } from './rollouts.repository';

/**
 * What a person has approved to be deleted, by name: agents delete nothing beyond their limits that is not named here. An
 * approval is for the assignment that it was given for, and goes with it.
 */
@Injectable()
export class ApprovedDeletions {
  constructor(
    private readonly repository: RolloutsRepository,
    private readonly nodes: Nodes,
    private readonly notifications: Notifications,
  ) {}

  /** For a confirmed removal: all that the application has on these clusters. @returns cluster id → node */
  async forRemoval(applicationId: string, clusterIds: readonly string[]): Promise<Map<string, Digest>> {
    if (clusterIds.length === 0) return new Map();
    return await this.store(await this.repository.keysOnClusters(applicationId, clusterIds));
  }

  /** Beside what is approved there already. In the transaction of the caller, who holds the application's row. */
  async approve(applicationId: string, approvals: readonly DeletableObjects[]): Promise<void> {
    const before = await this.repository.approvedOn(
      applicationId,
      approvals.map(({ cluster }) => cluster),
    );
    const loaded = await this.nodes.load([...new Set(before.values())]);
    const together = approvals.map(({ cluster, objects }) => {
      const known = loaded.get(before.get(cluster) ?? ('' as Digest))?.node;
      const kept = known?.kind === 'deletions' ? known.objects : [];
      return { cluster, objects: [...new Set([...objects, ...kept])].slice(0, maxApprovedDeletions) };
    });
    await this.repository.setApproved(applicationId, await this.store(together));
    await this.notifications.notify('flotilla_stage', 'roots');
  }

  private async store(deletions: readonly DeletableObjects[]): Promise<Map<string, Digest>> {
    const encoded = deletions.map(({ cluster, objects }) => {
      return { cluster, node: encodeNode({ format: 1, kind: 'deletions', objects: [...objects].sort() }) };
    });
    await this.nodes.store(encoded.map(({ node }) => node));
    return new Map(encoded.map(({ cluster, node }) => [cluster, node.digest]));
  }
}
