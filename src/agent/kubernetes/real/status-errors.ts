import { type FieldConflict, KubernetesError, type KubernetesErrorClass } from '../port';

/** A failed answer of the API server: its `Status` object, or whatever else came. */
export interface FailedAnswer {
  status: number;
  body: string;
  retryAfter: string | undefined;
}

interface Cause {
  reason?: string;
  message?: string;
  field?: string;
}

interface Status {
  kind?: string;
  message?: string;
  reason?: string;
  details?: { retryAfterSeconds?: number; causes?: Cause[] };
}

const maxMessageLength = 2000;

/** What the server says, as one of the port's errors. */
export function statusError(answer: FailedAnswer): KubernetesError {
  const status = parseStatus(answer.body);
  const causes = Array.isArray(status.details?.causes) ? status.details.causes : [];
  const errorClass = classOf(answer.status, status, causes);
  const text = status.message ?? `the API server answered ${answer.status}`;
  const conflicts = conflictsOf(causes);
  return new KubernetesError(errorClass, text.slice(0, maxMessageLength), {
    status: answer.status,
    ...(errorClass === 'conflict' && conflicts.length > 0 ? { conflicts } : {}),
    ...(errorClass === 'throttled' ? { retryAfterMs: retryAfterMs(answer, status) } : {}),
  });
}

const classByStatus: Record<number, KubernetesErrorClass> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'invalid',
  406: 'invalid',
  408: 'timeout',
  409: 'conflict',
  410: 'unavailable',
  413: 'tooLarge',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
  504: 'timeout',
};

function classOf(code: number, status: Status, causes: Cause[]): KubernetesErrorClass {
  const message = status.message ?? '';
  // The namespace goes away, and may come again.
  if (code === 403 && causes.some((cause) => cause.reason === 'NamespaceTerminating')) return 'notFound';
  if (code === 409 && status.reason === 'AlreadyExists') return 'alreadyExists';
  if (code >= 500) {
    if (/request is too large|trying to send message larger than max/.test(message)) return 'tooLarge';
    // A patch that does not fit the type of the object is answered as an internal error.
    if (/failed to create typed patch object|field not declared in schema/.test(message)) return 'invalid';
    if (status.reason === 'ServerTimeout' || status.reason === 'Timeout') return 'timeout';
  }
  return classByStatus[code] ?? (code >= 500 ? 'unavailable' : 'invalid');
}

/** `conflict with "manager" using apps/v1`, `conflict with "manager" with subresource "status" using v1 at …`. */
function conflictsOf(causes: Cause[]): FieldConflict[] {
  return causes
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map((cause) => ({ manager: managerOf(cause.message ?? ''), field: cause.field ?? '' }));
}

function managerOf(message: string): string {
  const quoted = /^conflict with ("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  if (quoted === undefined) return message;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

function retryAfterMs(answer: FailedAnswer, status: Status): number {
  const seconds = Number(answer.retryAfter ?? status.details?.retryAfterSeconds ?? 1);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, 300_000) : 1000;
}

function parseStatus(body: string): Status {
  try {
    const parsed = JSON.parse(body) as Status;
    if (parsed !== null && typeof parsed === 'object' && parsed.kind === 'Status') return parsed;
  } catch {
    // Proxies and load balancers answer in words.
  }
  const words = body.trim();
  return words === '' || words.startsWith('<') ? {} : { message: words };
}

const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** An error of the connection itself. */
export function connectionError(error: unknown, timeoutMs: number): KubernetesError {
  if (error instanceof KubernetesError) return error;
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || (code !== undefined && timeoutCodes.has(code))) {
    return new KubernetesError('timeout', `the API server did not answer within ${timeoutMs} ms`, { cause: error });
  }
  return new KubernetesError('unavailable', `the API server cannot be reached: ${code ?? message}`, { cause: error });
}
