import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { parseRepositoryUrl, type RepositoryUrl } from '#libs/sources/url';
import { Outgoing } from '#src/net/outgoing';
import { RepositoryCache } from './cache';
import { ContentMissing, failedOutcome, GitFailure, NotServed, UnreadableRepository } from './failure';
import { HttpTransport } from './http-transport';
import { KeyedQueue } from './keyed-queue';
import { LargeRepositories } from './large';
import { fetchLocal, openLocal } from './local';
import { ObjectReader } from './objects';
import type * as port from './port';
import { bringCommit, bringContents, fetchRemote, type RemoteRepository } from './remote-fetch';
import { SshTransport } from './ssh-transport';
import type { Transport, TransportContext } from './transport';
import { commitMissing, defaultTreeLimits, findTree, readFiles } from './tree';

export interface GitRepositoriesOptions {
  dataFolder: string;
  /** Whether sources may name folders of this machine. */
  allowLocalPaths: boolean;
  /** Plain `http://` sends credentials and content in the clear: for tests and closed networks. */
  allowInsecureHttp?: boolean;
  /** How HTTP gets out; straight unless told. */
  outgoing?: Outgoing;
  /** The SSH client and its leading arguments. */
  sshCommand?: string[];
  maxConcurrentFetches?: number;
  /** A cache with so many packs is begun anew at its next fetch. */
  maxCachedPacks?: number;
  /** From this size of a pack on a repository is large: see `large.ts`. */
  largeFromBytes?: number;
  /** Whether the system's git may be used for large ones. */
  withGit?: boolean;
}

const defaultFetchLimits: port.FetchLimits = { maxPackBytes: 512 * 1024 * 1024 };
const defaultConcurrentFetches = 4;
const defaultCachedPacks = 64;
const defaultLargeFromBytes = 32 * 1024 * 1024;
const maxRememberedTreeIds = 50_000;

type RemoteUrl = Exclude<RepositoryUrl, { kind: 'local' }>;

export class GitRepositoriesOnDisk implements port.GitRepositories {
  private readonly cache: RepositoryCache;
  private readonly large: LargeRepositories;
  private readonly reader: ObjectReader;
  private readonly queue = new KeyedQueue();
  private readonly slots: ReturnType<typeof pLimit>;
  private readonly treeIds = new LRUCache<string, string>({ max: maxRememberedTreeIds });

  constructor(private readonly options: GitRepositoriesOptions) {
    this.cache = new RepositoryCache(options.dataFolder, options.maxCachedPacks ?? defaultCachedPacks);
    this.large = new LargeRepositories({
      fromBytes: options.largeFromBytes ?? defaultLargeFromBytes,
      withGit: options.withGit ?? true,
    });
    this.reader = new ObjectReader(this.large);
    this.slots = pLimit(options.maxConcurrentFetches ?? defaultConcurrentFetches);
  }

  fetch(request: port.FetchRequest): Promise<port.FetchOutcome> {
    return this.operate(request, {
      local: (path) => fetchLocal(this.reader, path, request, this.limitsOf(request).maxPackBytes),
      remote: (remote) => fetchRemote(remote, request),
    });
  }

  ensureCommit(request: port.CommitRequest): Promise<port.EnsureOutcome> {
    return this.operate<port.EnsureOutcome>(request, {
      local: async (path) => {
        const found = await this.reader.commit(await openLocal(path), request.commit);
        if (found === undefined) throw new NotServed();
        return { kind: 'present' };
      },
      remote: async (remote) => {
        await bringCommit(remote, request.commit);
        if (request.path !== undefined) await bringContents(remote, request.commit, request.path);
        return { kind: 'present' };
      },
    });
  }

  async treeIdOf(location: port.TreeLocation): Promise<port.TreeIdOutcome> {
    const key = [location.sourceId, location.url, location.commit, location.path].join('\0');
    const remembered = this.treeIds.get(key);
    if (remembered !== undefined) return { ok: true, treeId: remembered };
    const outcome = await this.look(location, (gitdir) => findTree(this.reader, gitdir, location));
    if (outcome.ok) this.treeIds.set(key, outcome.treeId);
    return outcome;
  }

  readTree(location: port.TreeLocation, limits: Partial<port.TreeLimits> = {}): Promise<port.TreeOutcome> {
    return this.look<port.TreeOutcome>(location, async (gitdir) => {
      const found = await findTree(this.reader, gitdir, location);
      return found.ok ? readFiles(this.reader, gitdir, found.treeId, { ...defaultTreeLimits, ...limits }) : found;
    });
  }

  async forget(sourceId: string): Promise<void> {
    await this.queue.run(sourceId, () => this.cache.forget(sourceId));
  }

  async cachedSources(): Promise<string[]> {
    return await this.cache.sourceIds();
  }

  async close(): Promise<void> {
    this.reader.close();
    await this.cache.close();
  }

  private async operate<T>(
    request: port.RepositoryRequest,
    work: { local(path: string): Promise<T>; remote(remote: RemoteRepository): Promise<T> },
  ): Promise<T | port.FetchFailure> {
    try {
      const url = this.urlOf(request.url);
      return await this.queue.run(request.sourceId, () =>
        this.slots(() => (url.kind === 'local' ? work.local(url.path) : this.overNetwork(request, url, work.remote))),
      );
    } catch (error) {
      return failedOutcome(error, request.credentials);
    }
  }

  /** A cache that cannot be read is thrown away and filled again, once. */
  private async overNetwork<T>(
    request: port.RepositoryRequest,
    url: RemoteUrl,
    work: (remote: RemoteRepository) => Promise<T>,
  ): Promise<T> {
    const transport = await this.transportOf(request, url);
    const remote = { transport, cache: this.cache, reader: this.reader, large: this.large, location: request };
    try {
      return await work(remote).catch(async (error: unknown) => {
        if (!(error instanceof UnreadableRepository)) throw error;
        await this.dropCache(request);
        return work(remote);
      });
    } finally {
      await transport.close();
    }
  }

  private async transportOf(request: port.RepositoryRequest, url: RemoteUrl): Promise<Transport> {
    const { timeoutMs, credentials, caCertificate } = request;
    const signal = AbortSignal.timeout(timeoutMs);
    const context: TransportContext = { signal, timeoutMs, limits: this.limitsOf(request) };
    if (url.kind === 'ssh') {
      const sshCommand = this.options.sshCommand ?? ['ssh'];
      return new SshTransport({ ...context, url: url.url, host: url.host, credentials, sshCommand });
    }
    if (credentials?.kind === 'ssh') {
      const remedy = 'give credentials of kind token, basic or bearer, or the ssh:// address';
      throw new GitFailure('unauthorized', 'the credentials are for SSH, and the address is for HTTPS', remedy);
    }
    const allowInsecureHttp = this.options.allowInsecureHttp === true;
    const largeFromBytes = (await this.large.hasGit()) ? this.large.fromBytes : undefined;
    const outgoing = this.options.outgoing ?? new Outgoing();
    const options = { credentials, caCertificate, outgoing, allowInsecureHttp, largeFromBytes };
    return new HttpTransport({ ...context, ...options, url: url.url });
  }

  private urlOf(text: string): RepositoryUrl {
    const parsed = parseRepositoryUrl(text);
    if (!parsed.ok) throw new GitFailure('invalid', parsed.message, parsed.remedy);
    if (parsed.repository.kind === 'local' && !this.options.allowLocalPaths) {
      throw new GitFailure('invalid', 'this hub reads no local paths', 'give an https:// or ssh:// address');
    }
    if (parsed.repository.kind === 'http' && this.options.allowInsecureHttp !== true) {
      throw new GitFailure('invalid', 'plain http:// is not allowed', 'give the https:// address');
    }
    return parsed.repository;
  }

  private async look<T extends { ok: boolean }>(
    location: port.TreeLocation,
    work: (gitdir: string) => Promise<T | port.TreeFailure>,
  ): Promise<T | port.TreeFailure> {
    let local = true;
    try {
      const url = this.urlOf(location.url);
      local = url.kind === 'local';
      const gitdir = url.kind === 'local' ? await openLocal(url.path) : await this.cache.gitdirOf(location);
      return await this.twice(gitdir, () => work(gitdir));
    } catch (error) {
      if (error instanceof ContentMissing) return commitMissing(location.commit);
      if (!local && error instanceof UnreadableRepository) {
        await this.queue.run(location.sourceId, () => this.dropCache(location));
        return commitMissing(location.commit);
      }
      const { message, remedy } = failedOutcome(error, undefined);
      return { ok: false, reason: 'unreadable', message, remedy };
    }
  }

  /** Packs may be replaced under a reader, by `git gc` or a new cache: a second look sees the new ones. */
  private async twice<T>(gitdir: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnreadableRepository)) throw error;
      this.reader.refresh(gitdir);
      return work();
    }
  }

  private async dropCache(location: port.SourceLocation): Promise<void> {
    await this.cache.drop(location);
    this.reader.refresh(await this.cache.gitdirOf(location));
  }

  private limitsOf(request: port.RepositoryRequest): port.FetchLimits {
    return { ...defaultFetchLimits, ...request.limits };
  }
}
