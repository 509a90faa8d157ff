import type { Dispatcher } from 'undici';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { Outgoing } from '#src/net/outgoing';
import { HubError } from './port';

const unzip = promisify(gunzip);

/** A long poll and a post beside it, with room for nodes that are fetched one by one. */
const maxConnections = 8;
const connectTimeoutMs = 10_000;

export interface TransportOptions {
  /** For example `https://hub.example.com`; a path before `/agent/v1` is kept. */
  url: string;
  /** PEM certificates to trust instead of the system's. */
  ca?: string;
  /** Proxies, and whom to trust beside; straight unless told. */
  outgoing?: Outgoing;
  /** Shared by agents in one process; `ca` then has no effect, and `close` leaves it open. */
  dispatcher?: Dispatcher;
}

export interface HttpCall {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  token?: string;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  contentType: string;
  text: string;
}

/** HTTP with keep-alive, time and size limits, and gzip. Throws `HubError` of kind `unreachable` or `protocol`. */
export class HubTransport {
  private readonly base: URL;
  private readonly dispatcher: Dispatcher;
  private readonly own: Dispatcher | undefined;

  constructor(options: TransportOptions) {
    this.base = baseUrl(options.url);
    if (options.dispatcher === undefined) this.own = hubDispatcher(this.base.origin, options);
    this.dispatcher = options.dispatcher ?? this.own!;
  }

  async call(call: HttpCall): Promise<HttpAnswer> {
    const deadline = new Deadline(call.timeoutMs, call.signal);
    const { signal } = deadline;
    try {
      const answer = await this.dispatcher.request({
        origin: this.base.origin,
        path: this.base.pathname.replace(/\/$/, '') + call.path,
        method: call.method,
        headers: headersOf(call),
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const bytes = await readLimited(answer.body, call.maxBytes);
      const text = await textOf(bytes, header(answer.headers['content-encoding']), call.maxBytes);
      return {
        status: answer.statusCode,
        retryAfter: header(answer.headers['retry-after']),
        contentType: header(answer.headers['content-type']) ?? '',
        text,
      };
    } catch (error) {
      if (error instanceof HubError) throw error;
      throw new HubError('unreachable', this.explain(error, call, deadline.hasPassed), { cause: error });
    } finally {
      deadline.end();
    }
  }

  async close(): Promise<void> {
    await this.own?.destroy();
  }

  private explain(error: unknown, call: HttpCall, hasPassed: boolean): string {
    const what = `${call.method} ${this.base.origin}${call.path}`;
    if (hasPassed) return `${what}: no answer in ${call.timeoutMs} ms`;
    if (call.signal?.aborted === true) return `${what}: given up`;
    const { message, code } = error as { message?: string; code?: string };
    return `${what}: ${[message, code].filter(Boolean).join(' ') || 'failed'}`;
  }
}

/** Time-out and abort in one signal. `AbortSignal.any` would leave something behind on the agent's own signal at each poll. */
class Deadline {
  hasPassed = false;
  private readonly controller = new AbortController();
  private readonly abort = (): void => this.controller.abort();
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => {
      this.hasPassed = true;
      this.abort();
    }, timeoutMs);
    outer?.addEventListener('abort', this.abort);
    if (outer?.aborted === true) this.abort();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.abort);
  }
}

function hubDispatcher(origin: string, { ca, outgoing = new Outgoing() }: TransportOptions): Dispatcher {
  return outgoing.dispatcherTo(origin, {
    connections: maxConnections,
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 600_000,
    connectTimeoutMs,
    onlyCa: ca,
  });
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new HubError('protocol', `${JSON.stringify(text)} is not the address of a hub; write https://host[:port]`);
}

function headersOf(call: HttpCall): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    'accept-encoding': 'gzip',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
  };
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

async function readLimited(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function textOf(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<string> {
  if (encoding === undefined || encoding === 'identity') return bytes.toString('utf8');
  if (encoding !== 'gzip') throw new HubError('protocol', `the hub answers in ${encoding}, which was not asked for`);
  try {
    return (await unzip(bytes, { maxOutputLength: maxBytes })).toString('utf8');
  } catch (error) {
    throw (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(maxBytes)
      : new HubError('protocol', "the hub's answer is not the gzip that it says it is", { cause: error });
  }
}

function tooLarge(maxBytes: number): HubError {
  return new HubError('protocol', `the hub's answer is larger than ${maxBytes} bytes`);
}
