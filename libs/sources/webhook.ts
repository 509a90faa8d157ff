/**
 * Webhooks of Git forges: the signature over the raw body is verified first, and nothing is parsed that has none. Two
 * forms: GitHub's, and a generic one whose signature covers a timestamp.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parsePush } from './webhook-payload';

export const maxWebhookBodyBytes = 1024 * 1024;
export const webhookFreshnessSeconds = 300;

export interface WebhookRequest {
  /** Names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came, before any parsing. */
  body: Uint8Array;
}

export type WebhookEvent =
  /** `commit` is missing when the ref was deleted or the sender did not say. No `urls`: the source the hook is for. */
  | { kind: 'push'; urls: string[]; ref?: string; commit?: string }
  | { kind: 'ping' }
  /** An authentic event that moves no ref. */
  | { kind: 'ignored'; name: string };

export type WebhookOutcome =
  { ok: true; event: WebhookEvent } | { ok: false; status: 400 | 401 | 413 | 415; message: string };

/** `secrets` holds more than one while a secret is being rotated; with none, everything is refused. */
export function readWebhook(request: WebhookRequest, secrets: readonly string[], now: Date): WebhookOutcome {
  if (request.body.byteLength > maxWebhookBodyBytes) {
    return refuse(
      413,
      `the body has ${request.body.byteLength} bytes; at most ${maxWebhookBodyBytes} (1 MiB) are read`,
    );
  }
  const github = header(request, 'x-hub-signature-256');
  const generic = header(request, 'x-flotilla-signature');
  if (github === undefined && generic === undefined) {
    return refuse(
      401,
      'the request has no signature: set a secret, sent as X-Hub-Signature-256 or X-Flotilla-Signature',
    );
  }
  const refused = github !== undefined ? verifyGithub(request, github, secrets) : verifyGeneric(request, secrets, now);
  if (refused !== undefined) return refused;

  const type = header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return refuse(415, `the content type is ${type ?? 'missing'}: have the webhook send application/json`);
  }
  return parsePush(request.body, github !== undefined ? (header(request, 'x-github-event') ?? '') : undefined);
}

/** What a sender of the generic form puts into `X-Flotilla-Signature`; `timestamp` is in seconds since 1970. */
export function signWebhook(secret: string, timestamp: number, body: Uint8Array): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}

function verifyGithub(request: WebhookRequest, given: string, secrets: readonly string[]): WebhookOutcome | undefined {
  const matches = secrets.map((secret) =>
    equal(given, `sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`),
  );
  return matches.includes(true)
    ? undefined
    : refuse(401, 'X-Hub-Signature-256 does not match the secret of this source');
}

function verifyGeneric(request: WebhookRequest, secrets: readonly string[], now: Date): WebhookOutcome | undefined {
  const given = header(request, 'x-flotilla-signature') ?? '';
  const timestamp = header(request, 'x-flotilla-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) {
    return refuse(401, 'X-Flotilla-Timestamp is missing or no number of seconds since 1970');
  }
  const matches = secrets.map((secret) => equal(given, signWebhook(secret, Number(timestamp), request.body)));
  if (!matches.includes(true)) {
    return refuse(
      401,
      'X-Flotilla-Signature does not match: it is the HMAC-SHA256 of "<timestamp>.<body>" in hexadecimal',
    );
  }
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > webhookFreshnessSeconds) {
    return refuse(401, `X-Flotilla-Timestamp is more than ${webhookFreshnessSeconds} s off: check the sender's clock`);
  }
  return undefined;
}

/** In constant time for equal lengths; the length of a digest is no secret. */
function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function header(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuse(status: 400 | 401 | 413 | 415, message: string): WebhookOutcome {
  return { ok: false, status, message };
}
