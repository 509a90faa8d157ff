import { Injectable } from '@nestjs/common';
import { type BundleDelta, bundleDelta } from '#libs/protocol/delta';
import type { Digest } from '#libs/protocol/digest';
import type { BundleNode, ScopeNode } from '#libs/protocol/nodes';
import { type LoadedNode, Nodes } from '#src/hub/nodes/nodes.service';

export interface Difference {
  nodes: Record<string, unknown>;
  bundles: BundleDelta[];
  partial: boolean;
  /** Ids of the applications whose entry is new or another. */
  applications: string[];
}

/** Nodes beyond this are left out of an answer, and fetched one by one. */
const maxAnswerBytes = 16 * 1024 * 1024;
const nodesPerLoad = 500;

interface Tree {
  scopes: Map<Digest, ScopeNode>;
  /** Application id → its entry, as text. */
  entries: Map<string, string>;
  /** Application id → the bundle that it has in this tree. */
  byApplication: Map<string, Digest>;
  bundles: Map<Digest, BundleNode>;
  deletions: Set<Digest>;
}

/** The nodes that lie below some scopes and not below others. */
@Injectable()
export class Differences {
  constructor(private readonly nodes: Nodes) {}

  /**
   * @param have scopes of which the reader holds every node; what this hub does not know (any more) counts as not held
   */
  async between(have: readonly Digest[], wanted: readonly Digest[]): Promise<Difference> {
    const [held, target] = await Promise.all([this.tree(have), this.tree(wanted)]);
    const heldObjects = new Set([...held.bundles.values()].flatMap((bundle) => bundle.objects));
    const missing = new Set<Digest>();
    for (const digest of target.scopes.keys()) if (!held.scopes.has(digest)) missing.add(digest);
    for (const digest of target.deletions) if (!held.deletions.has(digest)) missing.add(digest);
    const bundles: BundleDelta[] = [];
    for (const [application, digest] of target.byApplication) {
      if (held.bundles.has(digest)) continue;
      const node = target.bundles.get(digest)!;
      for (const object of node.objects) if (!heldObjects.has(object)) missing.add(object);
      const base = held.byApplication.get(application);
      const baseNode = base === undefined ? undefined : held.bundles.get(base);
      if (base === undefined || baseNode === undefined) missing.add(digest);
      else bundles.push(bundleDelta({ digest: base, node: baseNode }, { digest, node }));
    }
    const changed = [...target.entries].filter(([application, entry]) => held.entries.get(application) !== entry);
    return {
      ...(await this.collect([...missing])),
      bundles,
      applications: changed.map(([application]) => application),
    };
  }

  private async collect(missing: Digest[]): Promise<{ nodes: Record<string, unknown>; partial: boolean }> {
    const nodes: Record<string, unknown> = {};
    let bytes = 0;
    let partial = false;
    for (let start = 0; start < missing.length && bytes < maxAnswerBytes; start += nodesPerLoad) {
      const wanted = missing.slice(start, start + nodesPerLoad);
      const loaded = await this.nodes.load(wanted);
      for (const digest of wanted) {
        const found = loaded.get(digest);
        if (found === undefined || bytes + found.sizeBytes > maxAnswerBytes) partial = true;
        else {
          nodes[digest] = found.node;
          bytes += found.sizeBytes;
        }
      }
      // What comes after is not even read: many agents may be at it.
      if (partial) break;
    }
    return { nodes, partial: Object.keys(nodes).length < missing.length };
  }

  private async tree(scopeDigests: readonly Digest[]): Promise<Tree> {
    const tree: Tree = {
      scopes: new Map(),
      entries: new Map(),
      byApplication: new Map(),
      bundles: new Map(),
      deletions: new Set(),
    };
    for (const [digest, node] of typed(await this.nodes.load(scopeDigests), 'scope')) {
      tree.scopes.set(digest, node);
      for (const [application, entry] of Object.entries(node.applications)) {
        tree.entries.set(application, JSON.stringify(entry));
        if (entry.bundle !== null) tree.byApplication.set(application, entry.bundle);
        if (entry.approvedDeletions !== undefined) tree.deletions.add(entry.approvedDeletions);
      }
    }
    const loaded = await this.nodes.load([...new Set(tree.byApplication.values())]);
    tree.bundles = typed(loaded, 'bundle');
    return tree;
  }
}

function typed<K extends 'scope' | 'bundle'>(
  loaded: Map<Digest, LoadedNode>,
  kind: K,
): Map<Digest, K extends 'scope' ? ScopeNode : BundleNode> {
  const nodes = new Map<Digest, K extends 'scope' ? ScopeNode : BundleNode>();
  for (const [digest, { node }] of loaded) if (node.kind === kind) nodes.set(digest, node as never);
  return nodes;
}
