/** Git's smart HTTP, protocols 1 and 2. */
import { authorizationHeader, type RepositoryCredentials } from '#libs/sources/credentials';
import type { GitRef } from '#libs/sources/revision';
import type { Outgoing } from '#src/net/outgoing';
import { type Advertisement, readAdvertisement, readRefList } from './advertisement';
import { GitFailure, LargePack, networkFailure, tooLarge, UnreadableRepository } from './failure';
import { type HttpAnswer, HttpSession, statusFailure } from './http-session';
import { readShallow, storePack, writeShallow } from './pack-store';
import { delimiterPkt, flushPkt, MalformedPkt, pkt } from './pkt-line';
import { storePackByGit } from './stored-by-git';
import { type DownloadRequest, maxRefBytes, type Transport, type TransportContext } from './transport';
import { packRequest, readPackAnswer } from './upload-pack';
import { readLast } from './cache';

export interface HttpTransportOptions extends TransportContext {
  url: string;
  credentials?: RepositoryCredentials;
  caCertificate?: string;
  outgoing: Outgoing;
  allowInsecureHttp: boolean;
  /** Packs larger than this are to be asked for as large ones; undefined: there is no git that could take them. */
  largeFromBytes?: number;
}

const service = '/git-upload-pack';

export class HttpTransport implements Transport {
  private readonly session: HttpSession;
  private readonly authenticated: boolean;
  private advertised: Advertisement | undefined;

  constructor(private readonly options: HttpTransportOptions) {
    const authorization = options.credentials === undefined ? undefined : authorizationHeader(options.credentials);
    this.authenticated = authorization !== undefined;
    this.session = new HttpSession({ ...options, baseUrl: options.url, authorization });
  }

  listRefs(prefixes: string[]): Promise<GitRef[]> {
    return this.guarded(async () => {
      // What was advertised at the start may be old by now, and that is why one asks again.
      const server = await this.discover();
      if (server.version === 1) {
        return server.refs.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
      }
      const lines = ['peel', ...prefixes.map((prefix) => `ref-prefix ${prefix}`)].map((line) => pkt(`${line}\n`));
      const head = [pkt('command=ls-refs\n'), pkt('agent=git/flotilla\n'), delimiterPkt];
      const answer = await this.post(Buffer.concat([...head, ...lines, flushPkt]), 2);
      return readRefList(this.bounded(answer, maxRefBytes), this.session.host);
    });
  }

  download({ gitdir, wants, depth, large = false }: DownloadRequest): Promise<void> {
    return this.guarded(async () => {
      const server = this.advertised ?? (await this.discover());
      const known = await readShallow(gitdir);
      const last = await readLast(gitdir);
      const haves = last === undefined || depth === 0 ? [] : [last];
      const request = packRequest(server, { wants, haves, shallow: [...known], depth, withoutContents: large });
      const answer = await this.post(request, server.version);
      const { shallow, unshallow, pack } = await readPackAnswer(this.packOf(answer, large));
      // New borders before the pack and old ones after it: whenever this is cut short, no border is missing.
      for (const oid of shallow) known.add(oid);
      await writeShallow(gitdir, known);
      if (large) await storePackByGit(gitdir, pack, this.options.signal).catch((error) => this.explain(error));
      else await storePack(gitdir, pack);
      for (const oid of unshallow) known.delete(oid);
      await writeShallow(gitdir, known);
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private async discover(): Promise<Advertisement> {
    const answer = await this.session.discover({ 'git-protocol': 'version=2' });
    await this.requireOk(answer);
    if (answer.headers['content-type'] !== 'application/x-git-upload-pack-advertisement') {
      await answer.body.dump();
      throw new GitFailure(
        'notFound',
        `${this.session.host} answers with a page, not as a Git server`,
        'correct the address: give the one that `git clone` takes',
      );
    }
    this.advertised = await readAdvertisement(this.bounded(answer, maxRefBytes), this.session.host);
    return this.advertised;
  }

  private async post(body: Buffer, version: 1 | 2): Promise<HttpAnswer> {
    const headers = {
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
      ...(version === 2 ? { 'git-protocol': 'version=2' } : {}),
    };
    const answer = await this.session.post(service, headers, body);
    await this.requireOk(answer);
    return answer;
  }

  private async requireOk(answer: HttpAnswer): Promise<void> {
    if (answer.statusCode === 200) return;
    await answer.body.dump();
    throw statusFailure(answer.statusCode, this.session.host, this.authenticated);
  }

  private packOf(answer: HttpAnswer, large: boolean): AsyncGenerator<Uint8Array> {
    const { largeFromBytes, limits } = this.options;
    if (!large && largeFromBytes !== undefined && largeFromBytes < limits.maxPackBytes) {
      return this.bounded(answer, largeFromBytes, () => new LargePack());
    }
    const remedy = 'install git beside the hub, which then brings only the files that are deployed';
    return this.bounded(answer, limits.maxPackBytes, () =>
      tooLarge(limits.maxPackBytes, largeFromBytes === undefined ? remedy : undefined),
    );
  }

  private async *bounded(answer: HttpAnswer, maxBytes: number, refuse = () => tooLarge(maxBytes) as Error) {
    let sizeBytes = 0;
    try {
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) throw refuse();
        yield chunk;
      }
    } catch (error) {
      this.explain(error);
    }
  }

  private explain(error: unknown): never {
    if (error instanceof LargePack || error instanceof MalformedPkt || error instanceof UnreadableRepository)
      throw error;
    const { signal, timeoutMs } = this.options;
    throw networkFailure(signal.aborted ? signal.reason : error, this.session.host, timeoutMs);
  }

  /** What a server sends is no reason to distrust what is on disk. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MalformedPkt)) throw error;
      const remedy = 'check that the address is that of a Git server, and what stands between';
      throw new GitFailure('unreachable', `${this.session.host}: ${error.message}`, remedy);
    }
  }
}
