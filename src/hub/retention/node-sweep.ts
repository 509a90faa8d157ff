import { Injectable } from '@nestjs/common';
import type { Node } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { NodeSweepRepository, nodesPerBatch } from './node-sweep.repository';

const maxBatches = 500;
/** Marks are renewed when they are this part of the keeping time old: few writes, and little is kept too long. */
const markPart = 1 / 8;
/** Parents first: what lies below a bundle is free once the bundle has gone. */
const kinds: readonly Node['kind'][] = ['scope', 'deletions', 'bundle', 'object'];

/** Nodes by mark and sweep: those go that nothing refers to, and that no cluster has carried for a while. */
@Injectable()
export class NodeSweep {
  constructor(
    private readonly repository: NodeSweepRepository,
    private readonly nodes: Nodes,
  ) {}

  /** @param unusedSeconds how long a node is kept after it was stored or carried last */
  async sweep(unusedSeconds: number, signal: AbortSignal): Promise<number> {
    await this.learnChildren(signal);
    for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
      if ((await this.repository.mark(unusedSeconds * markPart)) < nodesPerBatch) break;
    }
    let deleted = 0;
    for (const kind of kinds) {
      for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
        const outcome = await this.repository.deleteBatch(kind, unusedSeconds * (1 + markPart));
        deleted += outcome.deleted;
        if (outcome.found < nodesPerBatch) break;
      }
    }
    return deleted;
  }

  /** Of bundles that a hub before this version has stored. */
  private async learnChildren(signal: AbortSignal): Promise<void> {
    for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
      const digests = await this.repository.bundlesWithoutChildren();
      if (digests.length === 0) return;
      const bundles = [...(await this.nodes.load(digests))].flatMap(([digest, { node }]) =>
        node.kind === 'bundle' ? [{ digest, objects: node.objects }] : [],
      );
      await this.repository.setChildren(bundles);
    }
  }
}
