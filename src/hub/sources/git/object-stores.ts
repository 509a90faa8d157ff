/** Two ways to the objects of one repository: isomorphic-git, which holds whole packs, and git, which does not. */
import fs from 'node:fs';
import git, { type TreeEntry } from 'isomorphic-git';
import { CatFile, type RawObject } from './cat-file';
import { GitFailure, UnreadableRepository } from './failure';
import { parseCommit, parseTree, type RawCommit } from './raw-objects';

export interface CommitSummary {
  commit: string;
  treeId: string;
  parents: string[];
  committedAt: Date;
  author: string;
  subject: string;
}

/** Undefined for what is not there. Throws `UnreadableRepository`, and `GitFailure` for what a commit is not. */
export interface ObjectStore {
  /** Tags are peeled. */
  commit(oid: string): Promise<CommitSummary | undefined>;
  tree(oid: string): Promise<TreeEntry[] | undefined>;
  blob(oid: string): Promise<Buffer | undefined>;
  retire?(): void;
}

const maxCommitBytes = 1024 * 1024;
const maxTreeBytes = 64 * 1024 * 1024;
/** More than a tree's limits let through. */
const maxBlobBytes = 64 * 1024 * 1024;

export function packStore(gitdir: string): ObjectStore {
  const cache = {};
  const read = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === 'NotFoundError') return undefined;
      throw code === 'ObjectTypeError' ? noCommit() : new UnreadableRepository(error);
    }
  };
  return {
    commit: async (oid) => {
      const found = await read(() => git.readCommit({ fs, gitdir, oid, cache }));
      if (found === undefined) return undefined;
      const { tree: treeId, parent: parents, committer, author, message } = found.commit;
      const committedAt = committer?.timestamp ?? 0;
      return summaryOf(found.oid, { treeId, parents, committedAt, author: author?.name ?? '', message });
    },
    tree: async (oid) => (await read(() => git.readTree({ fs, gitdir, oid, cache })))?.tree,
    blob: async (oid) => {
      const found = await read(() => git.readBlob({ fs, gitdir, oid, cache }));
      return found && Buffer.from(found.blob);
    },
  };
}

export function gitStore(gitdir: string): ObjectStore {
  const objects = new CatFile(gitdir);
  const read = async (name: string, maxBytes: number): Promise<RawObject | undefined> => {
    try {
      return await objects.read(name, maxBytes);
    } catch (error) {
      throw new UnreadableRepository(error);
    }
  };
  const contentOf = async (oid: string, type: string, maxBytes: number): Promise<Buffer | undefined> => {
    const found = await read(oid, maxBytes);
    if (found === undefined) return undefined;
    if (found.type !== type) throw new UnreadableRepository(`${oid} is no ${type}`);
    if (found.content === undefined) throw tooLarge(found);
    return found.content;
  };
  return {
    commit: async (oid) => {
      const named = await read(oid, maxCommitBytes);
      const found = named?.type === 'tag' ? await read(`${oid}^{commit}`, maxCommitBytes) : named;
      if (found === undefined) {
        if (named === undefined) return undefined;
        throw noCommit();
      }
      if (found.type !== 'commit') throw noCommit();
      if (found.content === undefined) throw tooLarge(found);
      return summaryOf(
        found.oid,
        parsed(() => parseCommit(found.content!)),
      );
    },
    tree: async (oid) => {
      const content = await contentOf(oid, 'tree', maxTreeBytes);
      return content && parsed(() => parseTree(content));
    },
    blob: (oid) => contentOf(oid, 'blob', maxBlobBytes),
    retire: () => objects.retire(),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UnreadableRepository(error);
  }
}

function noCommit(): GitFailure {
  return new GitFailure('invalid', 'the revision leads to no commit', 'tag or name a commit, not a file or folder');
}

function tooLarge({ oid, type, sizeBytes }: RawObject): GitFailure {
  const message = `the ${type} ${oid} has ${sizeBytes} bytes, which is more than is read`;
  return new GitFailure('tooLarge', message, 'move it out of the path of the application');
}

const maxTextLength = 200;

function summaryOf(commit: string, { treeId, parents, committedAt, author, message }: RawCommit): CommitSummary {
  const at = new Date(committedAt * 1000);
  return {
    commit,
    treeId,
    parents,
    committedAt: Number.isNaN(at.getTime()) ? new Date(0) : at,
    author: oneLine(author),
    subject: oneLine(message.trimStart().split('\n')[0] ?? ''),
  };
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxTextLength);
}
