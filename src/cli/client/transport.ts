import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import type { Io } from '../io';

export type Fetch = (request: Request) => Promise<Response>;

const timeoutMs = 60_000;
const attempts = 3;
const longestPauseMs = 5_000;
const passing = new Set([502, 503, 504]);

/**
 * Sends with a time limit. What may be repeated (reading, and creating under an Idempotency-Key) is tried again when the
 * hub is just being replaced. Throws a CliError when there is no answer.
 */
export function transport(send: Fetch, url: string, io: Io): Fetch {
  return async (request) => {
    const repeatable = request.method === 'GET' || request.headers.has('idempotency-key');
    for (let attempt = 1; ; attempt += 1) {
      const again = repeatable && attempt < attempts;
      try {
        const answer = await send(new Request(request.clone(), { signal: AbortSignal.timeout(timeoutMs) }));
        if (!again || !passing.has(answer.status)) return answer;
        await io.sleep(pauseMs(answer.headers.get('retry-after')));
      } catch (error) {
        if (!again || codeOf(error) !== 'ECONNRESET') throw unreachable(error, url);
        await io.sleep(500);
      }
    }
  };
}

function pauseMs(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? '1');
  return Math.min(longestPauseMs, Number.isFinite(seconds) ? seconds * 1000 : 1000);
}

function codeOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: string; cause?: unknown };
  if (cause !== undefined && cause !== null) return codeOf(cause);
  const inner = (error as { errors?: unknown[] }).errors?.[0];
  if (typeof code !== 'string' && inner !== undefined) return codeOf(inner);
  return typeof code === 'string' && code !== '' ? code : (name ?? '');
}

const reasons: Record<string, [reason: string, hint: string]> = {
  ECONNREFUSED: ['nothing listens there', 'is the hub running? `npm start` starts one on this machine'],
  ENOTFOUND: ['the name is not known', 'check the address: `flotilla context show`'],
  EAI_AGAIN: ['the name cannot be looked up now', 'check the network and the address: `flotilla context show`'],
  TimeoutError: [`no answer within ${timeoutMs / 1000} s`, 'check the network, and the logs of the hub'],
  UND_ERR_CONNECT_TIMEOUT: ['no connection in time', 'check the network and the address: `flotilla context show`'],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is not trusted', 'log in again with `--ca FILE`'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is not trusted', 'log in again with `--ca FILE`'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is not trusted', 'log in again with `--ca FILE`'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is not trusted', 'log in again with `--ca FILE`'],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name', 'use the name that it is for'],
};

function unreachable(error: unknown, url: string): CliError {
  const [reason, hint] = reasons[codeOf(error)] ?? [messageOf(error), 'check the address and the network'];
  return new CliError(exitCodes.unreachable, `cannot reach the hub at ${url}: ${reason}`, { hint });
}

/** Of the innermost cause: the outer ones only say that fetching failed. */
function messageOf(error: unknown): string {
  const { cause, message } = (error ?? {}) as { cause?: unknown; message?: string };
  return cause === undefined ? message || 'the connection failed' : messageOf(cause);
}
