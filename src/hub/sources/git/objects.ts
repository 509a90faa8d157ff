/** Objects of a repository on disk, by id, through isomorphic-git; what was read is remembered within bounds. */
import fs from 'node:fs';
import git, { type ReadCommitResult, type TreeEntry } from 'isomorphic-git';
import { LRUCache } from 'lru-cache';
import { GitFailure, UnreadableRepository } from './failure';

const maxTrees = 5_000;
const maxBlobBytes = 64 * 1024 * 1024;
const maxRememberedBlobBytes = 1024 * 1024;
const maxOpenRepositories = 4;
/** isomorphic-git keeps whole packs and what it unpacked in this object: it is dropped soon. */
const packsTtlMs = 30_000;

export interface CommitSummary {
  commit: string;
  treeId: string;
  parents: string[];
  committedAt: Date;
  author: string;
  subject: string;
}

export class ObjectReader {
  private readonly trees = new LRUCache<string, TreeEntry[]>({ max: maxTrees });
  private readonly blobs = new LRUCache<string, Buffer>({
    maxSize: maxBlobBytes,
    sizeCalculation: (content) => content.length + 100,
  });
  private readonly packs = new LRUCache<string, object>({ max: maxOpenRepositories, ttl: packsTtlMs });

  /** Undefined when it is not there. Tags are peeled; anything else than a commit behind them is a `GitFailure`. */
  async commit(gitdir: string, oid: string): Promise<CommitSummary | undefined> {
    const found = await this.read(() => git.readCommit({ fs, gitdir, oid, cache: this.cacheOf(gitdir) }));
    return found === undefined ? undefined : summaryOf(found);
  }

  async tree(gitdir: string, oid: string): Promise<TreeEntry[]> {
    const key = `${gitdir}\0${oid}`;
    const remembered = this.trees.get(key);
    if (remembered !== undefined) return remembered;
    const found = await this.read(() => git.readTree({ fs, gitdir, oid, cache: this.cacheOf(gitdir) }));
    if (found === undefined) throw new UnreadableRepository(`tree ${oid} is missing`);
    this.trees.set(key, found.tree);
    return found.tree;
  }

  async blob(gitdir: string, oid: string): Promise<Buffer> {
    const key = `${gitdir}\0${oid}`;
    const remembered = this.blobs.get(key);
    if (remembered !== undefined) return remembered;
    const found = await this.read(() => git.readBlob({ fs, gitdir, oid, cache: this.cacheOf(gitdir) }));
    if (found === undefined) throw new UnreadableRepository(`file content ${oid} is missing`);
    const content = Buffer.from(found.blob);
    if (content.length <= maxRememberedBlobBytes) this.blobs.set(key, content);
    return content;
  }

  /** After packs came or went. */
  refresh(gitdir: string): void {
    this.packs.delete(gitdir);
  }

  private cacheOf(gitdir: string): object {
    const remembered = this.packs.get(gitdir);
    if (remembered !== undefined) return remembered;
    const fresh = {};
    this.packs.set(gitdir, fresh);
    return fresh;
  }

  private async read<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === 'NotFoundError') return undefined;
      if (code === 'ObjectTypeError') {
        throw new GitFailure(
          'invalid',
          'the revision leads to no commit',
          'tag or name a commit, not a file or folder',
        );
      }
      throw new UnreadableRepository(error);
    }
  }
}

const maxTextLength = 200;

function summaryOf({ oid, commit }: ReadCommitResult): CommitSummary {
  const committedAt = new Date((commit.committer?.timestamp ?? 0) * 1000);
  return {
    commit: oid,
    treeId: commit.tree,
    parents: commit.parent,
    committedAt: Number.isNaN(committedAt.getTime()) ? new Date(0) : committedAt,
    author: oneLine(commit.author?.name ?? ''),
    subject: oneLine(commit.message.trimStart().split('\n')[0] ?? ''),
  };
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxTextLength);
}
