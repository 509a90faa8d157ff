import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';

export interface ApiAnswer {
  status: number;
  body: unknown;
}

/** The hub's API as any client has it; paths are below `/api/v1`. */
export interface HubApi {
  get(path: string): Promise<ApiAnswer>;
  put(path: string, body: unknown): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  close(): Promise<void>;
}

export interface HubAddress {
  /** `https://host[:port]` */
  url: string;
  /** Of somebody who may do what is asked for. */
  token: string;
  /** PEM certificates to trust instead of the system's. */
  ca?: string;
}

const connections = 8;
const attempts = 8;
const pauseMs = 500;
/** The hub is busy, starting or being replaced. */
const passing = new Set([429, 502, 503, 504]);

/** What is sent again after a lost connection must be the same when it is done twice. */
export function hubApi({ url, token, ca }: HubAddress): HubApi {
  const dispatcher = new Agent({ connections, ...(ca === undefined ? {} : { connect: { ca } }) });
  const base = new URL(url);
  const once = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<ApiAnswer> => {
    const answer = await dispatcher.request({
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, '')}/api/v1${path}`,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: parsed(text) };
  };
  const call = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<ApiAnswer> => {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts;
      try {
        const answer = await once(method, path, body);
        if (isLast || !passing.has(answer.status)) return answer;
      } catch (error) {
        if (isLast) throw unreachable(url, error);
      }
      await sleep(pauseMs * attempt * Math.random());
    }
  };
  return {
    get: (path) => call('GET', path),
    put: (path, body) => call('PUT', path, body),
    post: (path, body) => call('POST', path, body),
    close: () => dispatcher.destroy(),
  };
}

/** The hub has refused what was asked, or cannot be asked. Its message says what, and why. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';

  constructor(
    message: string,
    /** Undefined when there was no answer. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** The body; throws `ApiRefusal` for what is no success. */
export function expectOk<T = unknown>(what: string, { status, body }: ApiAnswer): T {
  if (status < 300) return body as T;
  const { detail, errors = [] } = (body ?? {}) as { detail?: string; errors?: { field: string; message: string }[] };
  const fields = errors.slice(0, 3).map(({ field, message }) => `${field}: ${message}`);
  const why = [detail ?? `status ${status}`, ...fields].join('; ');
  throw new ApiRefusal(`${what}: ${why}`, status);
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): ApiRefusal {
  const { message, code } = error as { message?: string; code?: string };
  return new ApiRefusal(`the hub at ${url} cannot be reached: ${[message, code].filter(Boolean).join(' ')}`);
}
