import pLimit from 'p-limit';
import { applyBundleDelta, type BundleDelta } from '#libs/protocol/delta';
import type { Digest } from '#libs/protocol/digest';
import { decodeNode, type Node } from '#libs/protocol/nodes';
import type { Root } from '#libs/protocol/root';
import type { NodeStore } from './node-store';
import type { SharedNodes } from './shared-nodes';

const concurrentFetches = 6;

/** What came with an answer, unverified, and the way to the rest. */
export interface NodeSources {
  held: NodeStore;
  shared: SharedNodes;
  nodes: Readonly<Record<string, unknown>>;
  bundles: readonly BundleDelta[];
  fetch(digest: Digest): Promise<unknown>;
}

export type Collected = { ok: true; nodes: Map<Digest, Node> } | { ok: false; message: string };

/** A node that is not what its digest says: the whole answer is refused. */
class Untrue extends Error {}

/**
 * Gathers and verifies every node below the root that is not held yet: from the answer, from deltas, one by one for the
 * rest. `fetch` errors pass through; a node that does not hash to its digest refuses everything.
 */
export async function collectNodes(root: Root, sources: NodeSources): Promise<Collected> {
  const collector = new Collector(sources);
  try {
    await collector.root(root);
    return { ok: true, nodes: collector.found };
  } catch (error) {
    if (error instanceof Untrue) return { ok: false, message: error.message };
    throw error;
  }
}

class Collector {
  readonly found = new Map<Digest, Node>();
  private readonly deltas: Map<Digest, BundleDelta>;
  private readonly limit = pLimit(concurrentFetches);

  constructor(private readonly sources: NodeSources) {
    this.deltas = new Map(sources.bundles.map((delta) => [delta.digest, delta]));
  }

  async root(root: Root): Promise<void> {
    for (const [name, digest] of Object.entries(root.scopes)) {
      const scope = await this.need('scope', digest);
      if (scope.name !== name)
        throw new Untrue(`scope node ${digest} is of ${scope.name}, and the root has it as ${name}`);
      for (const entry of Object.values(scope.applications)) {
        if (entry.approvedDeletions !== undefined) await this.need('deletions', entry.approvedDeletions);
        if (entry.bundle !== null) await this.bundle(entry.bundle);
      }
    }
  }

  private async bundle(digest: Digest): Promise<void> {
    const bundle = await this.need('bundle', digest);
    const missing: Digest[] = [];
    // Without a promise for each of what is mostly here already.
    for (const object of bundle.objects) if (this.present('object', object) === undefined) missing.push(object);
    await Promise.all(missing.map((object) => this.limit(() => this.need('object', object))));
  }

  private async need<K extends Node['kind']>(kind: K, digest: Digest): Promise<Extract<Node, { kind: K }>> {
    const present = this.present(kind, digest);
    if (present !== undefined) return present;
    return this.verified(kind, digest, await this.sources.fetch(digest));
  }

  private present<K extends Node['kind']>(kind: K, digest: Digest): Extract<Node, { kind: K }> | undefined {
    const known = this.sources.held.get(kind, digest) ?? this.found.get(digest);
    if (known !== undefined) return known.kind === kind ? (known as Extract<Node, { kind: K }>) : undefined;
    const shared = this.sources.shared.get(digest);
    if (shared?.kind === kind) return this.keep(digest, shared as Extract<Node, { kind: K }>);
    if (Object.hasOwn(this.sources.nodes, digest)) return this.verified(kind, digest, this.sources.nodes[digest]);
    return kind === 'bundle' ? (this.rebuilt(digest) as Extract<Node, { kind: K }> | undefined) : undefined;
  }

  /** A delta that does not come out right is no reason for distrust: our base may be another than the hub thinks. */
  private rebuilt(digest: Digest): Node | undefined {
    const delta = this.deltas.get(digest);
    const base = delta && this.sources.held.bundle(delta.base);
    if (delta === undefined || base === undefined) return undefined;
    const decoded = decodeNode('bundle', digest, applyBundleDelta(base, delta));
    if (!decoded.ok) return undefined;
    return this.keep(digest, decoded.node);
  }

  private verified<K extends Node['kind']>(kind: K, digest: Digest, value: unknown): Extract<Node, { kind: K }> {
    const decoded = decodeNode(kind, digest, value);
    if (!decoded.ok) throw new Untrue(decoded.message);
    return this.keep(digest, decoded.node);
  }

  private keep<N extends Node>(digest: Digest, node: N): N {
    this.found.set(digest, node);
    this.sources.shared.put(digest, node);
    return node;
  }
}
