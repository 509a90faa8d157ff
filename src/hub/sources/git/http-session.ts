/** HTTP for one operation on one repository: bounded redirects, bounded time, credentials for one origin only. */
import { request, type Dispatcher } from 'undici';
import type { Outgoing } from '#src/net/outgoing';
import { GitFailure, networkFailure } from './failure';

export interface HttpSessionOptions {
  /** Without user information, query and trailing slash. */
  baseUrl: string;
  authorization?: string;
  caCertificate?: string;
  outgoing: Outgoing;
  allowInsecureHttp: boolean;
  signal: AbortSignal;
  timeoutMs: number;
}

const maxRedirects = 5;
const connectTimeoutMs = 15_000;
const redirects = new Set([301, 302, 303, 307, 308]);
const discovery = '/info/refs?service=git-upload-pack';

export type HttpAnswer = Dispatcher.ResponseData;

export class HttpSession {
  /** By origin: a redirect may lead to one that is reached in another way. */
  private readonly dispatchers = new Map<string, Dispatcher>();
  private baseUrl: string;

  constructor(private readonly options: HttpSessionOptions) {
    this.baseUrl = options.baseUrl;
  }

  get host(): string {
    return new URL(this.baseUrl).host;
  }

  /** Asks for the refs; later requests go where this one was redirected to, as `git` does it. */
  async discover(headers: Record<string, string>): Promise<HttpAnswer> {
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const answer = await this.send('GET', `${this.baseUrl}${discovery}`, headers);
      if (!redirects.has(answer.statusCode)) return answer;
      await answer.body.dump();
      this.follow(answer.headers.location);
    }
    throw new GitFailure('invalid', `${this.host} redirects more than ${maxRedirects} times`, addressRemedy);
  }

  post(path: string, headers: Record<string, string>, body: Buffer): Promise<HttpAnswer> {
    return this.send('POST', `${this.baseUrl}${path}`, headers, body);
  }

  async close(): Promise<void> {
    for (const dispatcher of this.dispatchers.values()) await dispatcher.destroy();
  }

  private dispatcherTo(origin: string): Dispatcher {
    const { outgoing, timeoutMs, caCertificate: ca } = this.options;
    const known = this.dispatchers.get(origin);
    if (known !== undefined) return known;
    const connectTimeout = Math.min(connectTimeoutMs, timeoutMs);
    const timeouts = { connectTimeoutMs: connectTimeout, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    const made = outgoing.dispatcherTo(origin, { ...timeouts, ca });
    this.dispatchers.set(origin, made);
    return made;
  }

  private follow(location: string | string[] | undefined): void {
    const base = `${this.baseUrl}/`;
    const target = typeof location === 'string' && URL.canParse(location, base) ? new URL(location, base) : undefined;
    if (target === undefined || !target.href.endsWith(discovery)) {
      throw new GitFailure('notFound', `${this.host} redirects to a page that is no repository`, addressRemedy);
    }
    if (target.protocol !== 'https:' && !(target.protocol === 'http:' && this.options.allowInsecureHttp)) {
      throw new GitFailure(
        'invalid',
        `${this.host} redirects to ${target.protocol}//, which is not secure`,
        addressRemedy,
      );
    }
    target.username = '';
    target.password = '';
    this.baseUrl = target.href.slice(0, -discovery.length);
  }

  private async send(
    method: 'GET' | 'POST',
    url: string,
    headers: Record<string, string>,
    body?: Buffer,
  ): Promise<HttpAnswer> {
    const { authorization, signal, timeoutMs, baseUrl } = this.options;
    const own = new URL(url).origin === new URL(baseUrl).origin;
    try {
      return await request(url, {
        method,
        headers: {
          'user-agent': 'git/flotilla',
          ...headers,
          ...(own && authorization !== undefined ? { authorization } : {}),
        },
        body: body ?? null,
        dispatcher: this.dispatcherTo(new URL(url).origin),
        signal,
      });
    } catch (error) {
      throw networkFailure(signal.aborted ? signal.reason : error, this.host, timeoutMs);
    }
  }
}

const addressRemedy = 'correct the address: give the one that `git clone` takes';

/** What a status other than 200 means. */
export function statusFailure(status: number, host: string, authenticated: boolean): GitFailure {
  // 203 is how Azure DevOps answers with its sign-in page.
  if (status === 401 || status === 403 || status === 203) {
    return authenticated
      ? new GitFailure(
          'unauthorized',
          `${host} refused the credentials (${status})`,
          'renew them, and let them read this repository',
        )
      : new GitFailure('unauthorized', `${host} asks for credentials (${status})`, 'give the source credentials');
  }
  if (status === 404 || status === 410) {
    const hint = authenticated ? 'and that the credentials may read it' : 'and whether it needs credentials';
    return new GitFailure('notFound', `${host} has no such repository (${status})`, `check the address, ${hint}`);
  }
  if (status === 429 || status >= 500) {
    return new GitFailure(
      'unreachable',
      `${host} answered ${status}`,
      'it is tried again; see the status page of the host',
    );
  }
  return new GitFailure('invalid', `${host} answered ${status} to a request of Git`, addressRemedy);
}
