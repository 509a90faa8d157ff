import type { GitRef } from '#libs/sources/revision';
import type { FetchLimits } from './port';

export interface Want {
  oid: string;
  /** The full name of the ref that it came from, where there is one. */
  ref?: string;
}

export interface DownloadRequest {
  gitdir: string;
  wants: Want[];
  /** Generations of history; `Infinity` for all, 0 for objects that have none. */
  depth: number;
  /** Through the system's git: the pack may have any size, and contents may be left out that are not wanted by name. */
  large?: boolean;
}

/** One way to a remote repository, for one operation. Fails with `GitFailure`, and `NotServed` for a commit that is kept back. */
export interface Transport {
  /** The refs whose full names begin with one of the prefixes; tags peeled. */
  listRefs(prefixes: string[]): Promise<GitRef[]>;
  /** Adds the objects to the repository at `gitdir`: whole or not at all. Fails with `LargePack` where `large` would help. */
  download(request: DownloadRequest): Promise<void>;
  close(): Promise<void>;
}

export interface TransportContext {
  /** Aborts when the operation's time is over. */
  signal: AbortSignal;
  timeoutMs: number;
  limits: FetchLimits;
}

/** What Git takes for no limit of depth. */
export const infiniteDepth = 0x7fffffff;
export const maxRefs = 200_000;
/** Of the list of refs. */
export const maxRefBytes = 64 * 1024 * 1024;
