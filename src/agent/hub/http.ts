import { z } from 'zod';
import type { Digest } from '#libs/protocol/digest';
import { type JoinAnswer, joinAnswerSchema } from '#libs/protocol/join';
import { type RotateAnswer, rotateAnswerSchema, type RotateRequest } from '#libs/protocol/rotate';
import type { Signed } from '#libs/protocol/signed';
import {
  type OpenedSession,
  openedSessionSchema,
  type PostedRecords,
  type SyncAnswer,
  syncAnswerSchema,
  type SyncRequest,
  tokenAnswerSchema,
} from '#libs/protocol/sync';
import type { AgentRuntime } from '../runtime';
import { type HubClient, type HubCredentials, HubError, type HubGateway, type JoinRequest } from './port';
import { parseAnswer, refuseProblem } from './problems';
import { TokenKeeper } from './token';
import { type HttpCall, HubTransport, type TransportOptions } from './transport';

const kilobyte = 1_024;
const megabyte = 1_024 * kilobyte;
const callTimeoutMs = 15_000;
/** Beyond what the hub may keep a poll open, and long enough for a large first answer on a thin line. */
const pollGraceMs = 30_000;

/** A hub over HTTP, `/agent/v1`. */
export function httpHub(options: TransportOptions & { runtime: AgentRuntime }): HubGateway {
  const transport = new HubTransport(options);
  return {
    join: (request: JoinRequest): Promise<JoinAnswer> => joinHub(transport, request),
    as: (credentials) => new HttpHubClient(transport, credentials, options.runtime),
    close: () => transport.close(),
  };
}

async function joinHub(transport: HubTransport, request: JoinRequest): Promise<JoinAnswer> {
  const answer = await transport.call({
    method: 'POST',
    path: '/agent/v1/join',
    body: request,
    timeoutMs: callTimeoutMs,
    maxBytes: 64 * kilobyte,
  });
  refuseProblem('to join', answer);
  return parseAnswer('joining', answer, joinAnswerSchema);
}

class HttpHubClient implements HubClient {
  private readonly tokens: TokenKeeper;

  constructor(
    private readonly transport: HubTransport,
    credentials: HubCredentials,
    runtime: AgentRuntime,
  ) {
    this.tokens = new TokenKeeper(credentials, runtime, (assertion) =>
      this.plainCall(
        'a token',
        {
          method: 'POST',
          path: '/agent/v1/token',
          body: { assertion },
          timeoutMs: callTimeoutMs,
          maxBytes: 16 * kilobyte,
        },
        tokenAnswerSchema,
      ),
    );
  }

  openSession(request: Signed): Promise<OpenedSession> {
    const call: HttpCall = {
      method: 'POST',
      path: '/agent/v1/sessions',
      body: { request },
      timeoutMs: callTimeoutMs,
      maxBytes: 64 * kilobyte,
    };
    return this.authorised('a session', call, openedSessionSchema);
  }

  rotateKey(request: RotateRequest): Promise<RotateAnswer> {
    const call: HttpCall = {
      method: 'POST',
      path: '/agent/v1/rotate',
      body: request,
      timeoutMs: callTimeoutMs,
      maxBytes: 16 * kilobyte,
    };
    return this.authorised('another key', call, rotateAnswerSchema);
  }

  async prove(): Promise<void> {
    await this.tokens.token();
  }

  sync(request: SyncRequest, signal?: AbortSignal): Promise<SyncAnswer> {
    const call: HttpCall = {
      method: 'POST',
      path: '/agent/v1/sync',
      body: request,
      timeoutMs: request.waitMs + pollGraceMs,
      maxBytes: 64 * megabyte,
      signal,
    };
    return this.authorised('a sync', call, syncAnswerSchema);
  }

  node(digest: Digest, signal?: AbortSignal): Promise<unknown> {
    const path = `/agent/v1/nodes/${digest}`;
    const call: HttpCall = { method: 'GET', path, timeoutMs: callTimeoutMs, maxBytes: 4 * megabyte, signal };
    return this.authorised(`node ${digest}`, call, z.unknown());
  }

  async post(records: PostedRecords): Promise<void> {
    const call: HttpCall = {
      method: 'POST',
      path: '/agent/v1/records',
      body: records,
      timeoutMs: callTimeoutMs,
      maxBytes: 64 * kilobyte,
    };
    await this.authorised('records', call, undefined);
  }

  /** Once more with a new token after a 401: the hub may have rotated what it signs tokens with. */
  private async authorised<T>(what: string, call: HttpCall, schema: z.ZodType<T> | undefined): Promise<T> {
    for (let isRetry = false; ; isRetry = true) {
      const token = await this.tokens.token();
      try {
        return await this.plainCall(what, { ...call, token }, schema);
      } catch (error) {
        if (!(error instanceof HubError) || error.kind !== 'unauthorized') throw error;
        this.tokens.refused(token);
        if (isRetry) throw error;
      }
    }
  }

  private async plainCall<T>(what: string, call: HttpCall, schema: z.ZodType<T> | undefined): Promise<T> {
    const answer = await this.transport.call(call);
    refuseProblem(what, answer);
    return schema === undefined ? (undefined as T) : parseAnswer(what, answer, schema);
  }
}
