import { KubernetesError } from '../port';
import { type ClusterAccess, closedError } from './access';
import { eachLine } from './lines';
import { connectionError, statusError } from './status-errors';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the server's root, already encoded. */
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  /** `application/json` unless told. */
  accept?: string;
  /** Impersonated user. */
  as?: string;
}

export interface TransportLimits {
  timeoutMs: number;
  maxRequestSizeBytes: number;
  maxResponseSizeBytes: number;
}

/** An object's metadata, with what its managers own. */
const maxLineSizeBytes = 4 * 1024 * 1024;

/** HTTP to one API server: JSON in and out, errors as the port's. */
export class Transport {
  private closed = false;

  constructor(
    private readonly access: ClusterAccess,
    private readonly limits: TransportLimits,
  ) {}

  async send<T>(request: ApiRequest): Promise<T> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined && Buffer.byteLength(body) > this.limits.maxRequestSizeBytes) {
      const message = `the request is larger than ${this.limits.maxRequestSizeBytes} bytes, which the API server does not take`;
      throw new KubernetesError('tooLarge', message);
    }
    try {
      return await this.once<T>(request, body);
    } catch (error) {
      if (!(error instanceof KubernetesError) || this.closed) throw error;
      // Credentials from files and programs are renewed behind our back.
      const renewed = error.errorClass === 'unauthorized' && this.access.refresh();
      // A kept connection may have been closed while idle; reading again is harmless.
      const closedIdle =
        request.method === 'GET' && error.errorClass === 'unavailable' && error.details.status === undefined;
      if (!renewed && !closedIdle) throw error;
      return this.once<T>(request, body);
    }
  }

  /**
   * The lines of an answer as they come. Resolves when the server ends it or the signal is aborted.
   * @param silentMs as long may pass between two pieces
   */
  async stream(
    request: ApiRequest,
    silentMs: number,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<void> {
    if (this.closed) throw closedError();
    try {
      const { dispatcher, headers } = await this.access.get();
      const server = new URL(this.access.source.server());
      const response = await dispatcher.request({
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${request.path}${queryOf(request.query)}`,
        method: request.method,
        headers: { ...headers, accept: request.accept ?? 'application/json', 'user-agent': 'flotilla' },
        headersTimeout: this.limits.timeoutMs,
        bodyTimeout: silentMs,
        signal,
      });
      if (response.statusCode >= 300) {
        const retryAfter = String(response.headers['retry-after'] ?? '') || undefined;
        throw statusError({ status: response.statusCode, body: await this.read(response.body), retryAfter });
      }
      await eachLine(response.body, maxLineSizeBytes, onLine);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof KubernetesError && error.errorClass === 'unauthorized') this.access.refresh();
      throw this.closed ? closedError() : connectionError(error, silentMs);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.access.close();
  }

  private async once<T>(request: ApiRequest, body: string | undefined): Promise<T> {
    if (this.closed) throw closedError();
    const { timeoutMs } = this.limits;
    const { dispatcher, headers } = await this.access.get();
    const server = new URL(this.access.source.server());
    let status: number;
    let text: string;
    let retryAfter: string | undefined;
    try {
      const response = await dispatcher.request({
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${request.path}${queryOf(request.query)}`,
        method: request.method,
        headers: {
          ...headers,
          accept: request.accept ?? 'application/json',
          'user-agent': 'flotilla',
          ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
          ...(request.as === undefined ? {} : { 'impersonate-user': request.as }),
        },
        body: body ?? null,
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.statusCode;
      retryAfter = String(response.headers['retry-after'] ?? '') || undefined;
      text = await this.read(response.body);
    } catch (error) {
      throw this.closed ? closedError() : connectionError(error, timeoutMs);
    }
    if (status >= 300) throw statusError({ status, body: text, retryAfter });
    return parse<T>(text);
  }

  private async read(body: AsyncIterable<Buffer>): Promise<string> {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > this.limits.maxResponseSizeBytes) {
        throw new KubernetesError('tooLarge', `the answer is larger than ${this.limits.maxResponseSizeBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function queryOf(query: ApiRequest['query']): string {
  const parts = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return parts.length === 0 ? '' : `?${new URLSearchParams(parts).toString()}`;
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    // A proxy in between answered 200 with a page of its own.
    throw new KubernetesError('unavailable', 'the answer is no JSON: is this an API server?', { cause: error });
  }
}
