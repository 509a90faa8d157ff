import type { Digest } from '#libs/protocol/digest';
import type { BundleNode, Node, ObjectNode, ScopeNode } from '#libs/protocol/nodes';
import type { NodeLookup } from './desired';

/** Verified nodes in memory. Nothing comes in that was not hashed. */
export class NodeStore implements NodeLookup {
  private readonly nodes = new Map<Digest, Node>();
  private readonly deletionSets = new WeakMap<Node, ReadonlySet<string>>();

  put(digest: Digest, node: Node): void {
    this.nodes.set(digest, node);
  }

  get<K extends Node['kind']>(kind: K, digest: Digest): Extract<Node, { kind: K }> | undefined {
    const node = this.nodes.get(digest);
    return node?.kind === kind ? (node as Extract<Node, { kind: K }>) : undefined;
  }

  scope(digest: Digest): ScopeNode | undefined {
    return this.get('scope', digest);
  }

  bundle(digest: Digest): BundleNode | undefined {
    return this.get('bundle', digest);
  }

  object(digest: Digest): ObjectNode | undefined {
    return this.get('object', digest);
  }

  deletions(digest: Digest): ReadonlySet<string> | undefined {
    const node = this.get('deletions', digest);
    if (node === undefined) return undefined;
    let set = this.deletionSets.get(node);
    if (set === undefined) this.deletionSets.set(node, (set = new Set(node.objects)));
    return set;
  }

  /** Drops all others. */
  retain(digests: ReadonlySet<string>): void {
    for (const digest of this.nodes.keys()) if (!digests.has(digest)) this.nodes.delete(digest);
  }

  entries(): IterableIterator<[Digest, Node]> {
    return this.nodes.entries();
  }
}
