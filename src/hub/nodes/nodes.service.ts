import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Digest } from '#libs/protocol/digest';
import type { BundleNode, EncodedNode, Node } from '#libs/protocol/nodes';
import { Sealing } from '#src/hub/security/sealing';
import { NodesRepository, type StoredNode } from './nodes.repository';

export interface NewNode extends EncodedNode {
  /** Holds a secret: sealed at rest, never cached. */
  sensitive?: boolean;
}

export interface LoadedNode {
  node: Node;
  sensitive: boolean;
  /** Of the canonical text. */
  sizeBytes: number;
}

const sealPurpose = 'node';
/** Below it, deflating costs more than the bytes that it saves: most objects of a rendering for each cluster are small. */
const deflateFromBytes = 1_000;
const cacheBytes = 64 * 1024 * 1024;

/** The store of nodes: once each, under its digest, deflated, and sealed where it holds a secret. */
@Injectable()
export class Nodes {
  private readonly cache = new LRUCache<Digest, LoadedNode>({
    maxSize: cacheBytes,
    sizeCalculation: (loaded) => loaded.sizeBytes * 2 + 200,
  });

  constructor(
    private readonly repository: NodesRepository,
    private readonly sealing: Sealing,
  ) {}

  async store(nodes: readonly NewNode[]): Promise<void> {
    const unique = new Map(nodes.map((node) => [node.digest, node]));
    await this.repository.insert([...unique.values()].map((node) => this.encode(node)));
  }

  async storeBundles(bundles: readonly { digest: Digest; objectKeys: readonly string[] }[]): Promise<void> {
    await this.repository.insertBundles(bundles);
  }

  /** What is there of them; a digest that is not stored is not in the map. */
  async load(digests: readonly Digest[]): Promise<Map<Digest, LoadedNode>> {
    const found = new Map<Digest, LoadedNode>();
    const missing = new Set<Digest>();
    for (const digest of digests) {
      const cached = this.cache.get(digest);
      if (cached === undefined) missing.add(digest);
      else found.set(digest, cached);
    }
    for (const row of await this.repository.read([...missing])) {
      const digest = row.digest as Digest;
      const body = row.sensitive ? this.sealing.open(sealPurpose, digest, row.body) : row.body;
      const text = (body.length === row.size_bytes ? body : inflateRawSync(body)).toString('utf8');
      const loaded = { node: JSON.parse(text) as Node, sensitive: row.sensitive, sizeBytes: text.length };
      if (!row.sensitive) this.cache.set(digest, loaded);
      found.set(digest, loaded);
    }
    return found;
  }

  async objectKeys(bundles: readonly Digest[]): Promise<Map<Digest, string[]>> {
    return await this.repository.objectKeys(bundles);
  }

  private encode({ digest, kind, text, sensitive = false }: NewNode): StoredNode {
    const plain = Buffer.from(text, 'utf8');
    const stored = plain.length < deflateFromBytes ? plain : smallerOf(plain, deflateRawSync(plain, { level: 1 }));
    const body = sensitive ? this.sealing.seal(sealPurpose, digest, stored) : stored;
    const children = kind === 'bundle' ? { children: (JSON.parse(text) as BundleNode).objects } : {};
    return { digest, kind, sensitive, sizeBytes: plain.length, body, ...children };
  }
}

/** A body of the size of its text is the text itself. */
function smallerOf(plain: Buffer, deflated: Buffer): Buffer {
  return deflated.length < plain.length ? deflated : plain;
}
