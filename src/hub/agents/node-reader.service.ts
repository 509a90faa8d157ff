import { Injectable } from '@nestjs/common';
import { canonicalJson } from '#libs/protocol/canonical';
import type { Digest } from '#libs/protocol/digest';
import { Problem } from '#src/hub/http/problem';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { type AgentCluster, AgentsRepository } from './agents.repository';

/** Nodes one by one, for whom they are meant: knowing a digest is no permission. */
@Injectable()
export class NodeReader {
  constructor(
    private readonly repository: AgentsRepository,
    private readonly nodes: Nodes,
  ) {}

  async read(cluster: AgentCluster, digest: Digest): Promise<{ text: string; sensitive: boolean }> {
    const node = (await this.mayRead(cluster.id, digest)) ? (await this.nodes.load([digest])).get(digest) : undefined;
    if (node === undefined) throw Problem.notFound('node', digest);
    return { text: canonicalJson(node.node), sensitive: node.sensitive };
  }

  private async mayRead(clusterId: string, digest: Digest): Promise<boolean> {
    if (await this.repository.mayRead(clusterId, digest)) return true;
    const bundles = await this.nodes.load((await this.repository.bundlesOf(clusterId)) as Digest[]);
    for (const { node } of bundles.values()) if (node.kind === 'bundle' && node.objects.includes(digest)) return true;
    return false;
  }
}
