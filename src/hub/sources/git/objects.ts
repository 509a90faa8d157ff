/** Objects of a repository on disk, by id; what was read is remembered within bounds. */
import type { TreeEntry } from 'isomorphic-git';
import { LRUCache } from 'lru-cache';
import { ContentMissing, UnreadableRepository } from './failure';
import { type CommitSummary, gitStore, type ObjectStore, packStore } from './object-stores';
import type { LargeRepositories } from './large';

const maxTrees = 5_000;
const maxBlobBytes = 64 * 1024 * 1024;
const maxRememberedBlobBytes = 1024 * 1024;
const maxOpenRepositories = 4;
/** isomorphic-git keeps whole packs and what it unpacked, and git a process: they are dropped soon. */
const packsTtlMs = 30_000;

export class ObjectReader {
  private readonly trees = new LRUCache<string, TreeEntry[]>({ max: maxTrees });
  private readonly blobs = new LRUCache<string, Buffer>({
    maxSize: maxBlobBytes,
    sizeCalculation: (content) => content.length + 100,
  });
  private readonly stores = new LRUCache<string, Promise<ObjectStore>>({
    max: maxOpenRepositories,
    ttl: packsTtlMs,
    ttlAutopurge: true,
    dispose: (store) => void store.then(({ retire }) => retire?.()).catch(() => undefined),
  });

  constructor(private readonly large: LargeRepositories) {}

  /** Undefined when it is not there. Tags are peeled; anything else than a commit behind them is a `GitFailure`. */
  async commit(gitdir: string, oid: string): Promise<CommitSummary | undefined> {
    return await (await this.storeOf(gitdir)).commit(oid);
  }

  async tree(gitdir: string, oid: string): Promise<TreeEntry[]> {
    const key = `${gitdir}\0${oid}`;
    const remembered = this.trees.get(key);
    if (remembered !== undefined) return remembered;
    const found = await (await this.storeOf(gitdir)).tree(oid);
    if (found === undefined) throw new UnreadableRepository(`tree ${oid} is missing`);
    this.trees.set(key, found);
    return found;
  }

  async blob(gitdir: string, oid: string): Promise<Buffer> {
    const key = `${gitdir}\0${oid}`;
    const remembered = this.blobs.get(key);
    if (remembered !== undefined) return remembered;
    const content = await (await this.storeOf(gitdir)).blob(oid);
    if (content === undefined) {
      if (await this.large.isLarge(gitdir)) throw new ContentMissing();
      throw new UnreadableRepository(`file content ${oid} is missing`);
    }
    if (content.length <= maxRememberedBlobBytes) this.blobs.set(key, content);
    return content;
  }

  /** After packs came or went. */
  refresh(gitdir: string): void {
    this.stores.delete(gitdir);
  }

  close(): void {
    this.stores.clear();
  }

  private async storeOf(gitdir: string): Promise<ObjectStore> {
    const remembered = this.stores.get(gitdir);
    if (remembered !== undefined) return await remembered;
    const fresh = this.large.isReadByGit(gitdir).then((byGit) => (byGit ? gitStore(gitdir) : packStore(gitdir)));
    this.stores.set(gitdir, fresh);
    return await fresh;
  }
}
