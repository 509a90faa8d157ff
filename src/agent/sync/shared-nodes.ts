import type { Digest } from '#libs/protocol/digest';
import type { Node } from '#libs/protocol/nodes';

/** Verified nodes that the agents of one process have in common: what hashes to a digest is the same for all of them. */
export interface SharedNodes {
  get(digest: Digest): Node | undefined;
  /** Only what was verified; agents never change a node. */
  put(digest: Digest, node: Node): void;
}

/** Each agent verifies for itself. */
export const noSharedNodes: SharedNodes = { get: () => undefined, put: () => undefined };

/** Holds a node for as long as any agent does: ten thousand agents with one bundle have it once in memory. */
export class WeaklySharedNodes implements SharedNodes {
  private readonly nodes = new Map<Digest, WeakRef<Node>>();
  private readonly collected = new FinalizationRegistry<Digest>((digest) => {
    // Verified anew meanwhile, it is another value, and stays.
    if (this.nodes.get(digest)?.deref() === undefined) this.nodes.delete(digest);
  });

  get(digest: Digest): Node | undefined {
    return this.nodes.get(digest)?.deref();
  }

  put(digest: Digest, node: Node): void {
    if (this.get(digest) !== undefined) return;
    this.nodes.set(digest, new WeakRef(node));
    this.collected.register(node, digest);
  }

  get size(): number {
    return this.nodes.size;
  }
}
