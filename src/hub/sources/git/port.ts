/**
 * Reading Git, as the hub sees it: follow a revision, and read trees by their ids. Expected failures are values; none of
 * their messages holds a credential. Sources over HTTPS and SSH are kept as bare repositories below a data folder, one for
 * each source; a repository on this machine's disk is read where it is.
 */
import type { RepositoryCredentials } from '#libs/sources/credentials';
import type { RevisionSpec } from '#libs/sources/revision';

/** What names a repository. `sourceId` is letters, digits, dots, dashes and underscores, at most 128. */
export interface SourceLocation {
  sourceId: string;
  url: string;
}

export interface FetchLimits {
  /** Of one download, and of the packs of a local repository. */
  maxPackBytes: number;
}

export interface RepositoryRequest extends SourceLocation {
  credentials?: RepositoryCredentials;
  /** PEM, trusted beside the public authorities, for HTTPS. */
  caCertificate?: string;
  /** For the whole operation. */
  timeoutMs: number;
  limits?: Partial<FetchLimits>;
}

export interface FetchRequest extends RepositoryRequest {
  revision: RevisionSpec;
  /** What was fetched last, as the database knows it. */
  lastCommit?: string;
  /** The name that went with it: tells a moved tag from a newer one. */
  lastName?: string;
}

export type FetchFailureClass =
  'unreachable' | 'unauthorized' | 'notFound' | 'revisionNotFound' | 'invalid' | 'tooLarge' | 'timeout';

export interface FetchFailure {
  kind: 'failed';
  class: FetchFailureClass;
  message: string;
  remedy: string;
}

export type FetchOutcome =
  | {
      kind: 'fetched';
      commit: string;
      /** The branch, the tag, or the first digits of the commit. */
      name: string;
      committedAt: Date;
      /** The name only, never the address. */
      author: string;
      subject: string;
      /**
       * History was rewritten: `lastCommit` could not be shown to be an ancestor within the last 1,000 generations, or the
       * same tag names another commit. Always false for the first fetch, another tag, and a pinned commit.
       */
      rewritten: boolean;
    }
  /** The revision still is `lastCommit`. This replica's cache may lack it: see `ensureCommit`. */
  | { kind: 'unchanged'; commit: string; name: string }
  | FetchFailure;

export interface CommitRequest extends RepositoryRequest {
  commit: string;
  /** The folder that is to be read. */
  path?: string;
}

export type EnsureOutcome = { kind: 'present' } | FetchFailure;

export interface TreeLocation extends SourceLocation {
  commit: string;
  /** A folder, relative to the root of the repository; empty or `.` for the root. */
  path: string;
}

export interface TreeLimits {
  maxFiles: number;
  maxBytes: number;
  maxFileBytes: number;
  maxDepth: number;
}

export interface SourceFile {
  /** Relative to the path that was asked for. */
  path: string;
  content: Buffer;
}

export interface TreeFailure {
  ok: false;
  reason:
    /** The cache of this replica lacks it, or the files of the path: call `ensureCommit` with the path and ask again. */
    'commitMissing' | 'pathMissing' | 'notAFolder' | 'invalidPath' | 'link' | 'submodule' | 'tooLarge' | 'unreadable';
  message: string;
  remedy: string;
}

export type TreeIdOutcome = { ok: true; treeId: string } | TreeFailure;
/** `files` in order of path. Links to a file inside the path are followed; others are refused. */
export type TreeOutcome = { ok: true; treeId: string; files: SourceFile[] } | TreeFailure;

export interface GitRepositories {
  /** Fetches of one source wait for each other; over all sources only a few run at once. Never throws for what a repository does. */
  fetch(request: FetchRequest): Promise<FetchOutcome>;
  /** Makes sure that this replica has the commit, and of a large repository the files below `path`, where it is given. */
  ensureCommit(request: CommitRequest): Promise<EnsureOutcome>;
  /** The id of a folder at a commit: equal ids are equal content. Cheap, and remembered. */
  treeIdOf(location: TreeLocation): Promise<TreeIdOutcome>;
  readTree(location: TreeLocation, limits?: Partial<TreeLimits>): Promise<TreeOutcome>;
  /** Removes what is cached of a source that was deleted. */
  forget(sourceId: string): Promise<void>;
  /** Ids of the sources of which this process keeps something. */
  cachedSources(): Promise<string[]>;
  /** Leaves the cache to the next process. */
  close(): Promise<void>;
}
