/** What every dialect of webhooks has: how it is recognised, how it proves itself, and what it says. */

export interface WebhookRequest {
  /** Names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came, before any parsing. */
  body: Uint8Array;
}

export interface MovedRef {
  /** As the sender writes it: `refs/heads/main`, or a bare name where it does not say which kind. */
  ref: string;
  /** Missing when the ref was deleted or the sender did not say. */
  commit?: string;
}

export type WebhookEvent =
  /** No `urls`: the source the hook is for. No `refs`: whatever the source follows. */
  | { kind: 'push'; urls: string[]; refs: MovedRef[] }
  | { kind: 'ping' }
  /** An authentic event that moves no ref. */
  | { kind: 'ignored'; name: string };

export interface WebhookRefusal {
  ok: false;
  status: 400 | 401 | 413 | 415;
  message: string;
}

export type WebhookOutcome = { ok: true; event: WebhookEvent } | WebhookRefusal;

export interface Authenticity {
  request: WebhookRequest;
  /** More than one while a secret is being rotated; with none, everything is refused. */
  secrets: readonly string[];
  now: Date;
}

export interface Dialect {
  name: string;
  /** The header that carries the proof, for people who are told that it is missing. */
  proof: string;
  /** By headers alone: the first dialect that says yes takes the request. */
  speaks(request: WebhookRequest): boolean;
  /** Undefined: it is from someone who knows the secret. Reads nothing of the body but its bytes. */
  refuse(authenticity: Authenticity): WebhookRefusal | undefined;
  /** What an authentic request says without its body: an event that is no push. */
  aside(request: WebhookRequest): WebhookEvent | undefined;
  /** Of the body of a push, as JSON. */
  read(json: unknown): WebhookOutcome;
}

/** The first value of a header. @param name in lower case */
export function header(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function refusal(status: WebhookRefusal['status'], message: string): WebhookRefusal {
  return { ok: false, status, message };
}

const maxNameLength = 100;

/** Events by their names: pushes are read, pings answered, others passed over. */
export function asideOf(
  name: string | undefined,
  { pushes, pings = [] }: { pushes: readonly string[]; pings?: readonly string[] },
): WebhookEvent | undefined {
  if (name !== undefined && pushes.includes(name)) return undefined;
  if (name !== undefined && pings.includes(name)) return { kind: 'ping' };
  return { kind: 'ignored', name: (name ?? '').slice(0, maxNameLength) };
}
