import { redactSecrets, type RepositoryCredentials } from '#libs/sources/credentials';
import { redactUrls } from '#libs/sources/url';
import type { FetchFailure, FetchFailureClass } from './port';

const maxMessageLength = 500;

/** Ends an operation on a repository; becomes a value at the port. */
export class GitFailure extends Error {
  constructor(
    readonly failureClass: FetchFailureClass,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = 'GitFailure';
  }
}

/** The server keeps the object from us, or has it no longer: another way to it may work. */
export class NotServed extends Error {
  constructor() {
    super('the server does not hand out this commit');
    this.name = 'NotServed';
  }
}

/** A file's content was left out when its tree was brought: it can be had. */
export class ContentMissing extends Error {
  constructor() {
    super('the content of a file has not been brought yet');
    this.name = 'ContentMissing';
  }
}

/** A pack is larger than memory should hold, and git is there to take it. */
export class LargePack extends Error {
  constructor() {
    super('the pack is large');
    this.name = 'LargePack';
  }
}

/** What is on disk cannot be read: throw the cache away. */
export class UnreadableRepository extends Error {
  constructor(cause: unknown) {
    super(textOf(cause, 'message'), { cause });
    this.name = 'UnreadableRepository';
  }
}

export function failedOutcome(error: unknown, credentials: RepositoryCredentials | undefined): FetchFailure {
  const failure = error instanceof GitFailure ? error : asFailure(error);
  const clean = (text: string): string => redactUrls(redactSecrets(text, credentials)).slice(0, maxMessageLength);
  return {
    kind: 'failed',
    class: failure.failureClass,
    message: clean(failure.message),
    remedy: clean(failure.remedy),
  };
}

function asFailure(error: unknown): GitFailure {
  if (error instanceof NotServed) {
    return new GitFailure(
      'revisionNotFound',
      'the commit is on no branch and no tag of the repository',
      'push it to a branch, or correct revision.commit; what was delivered before stays as it is',
    );
  }
  const message = textOf(error, 'message');
  return new GitFailure('invalid', `the repository cannot be read: ${message}`, 'run `git fsck` in the repository');
}

const certificateCodes = /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

/** A network error of Node or undici, as a failure of that host. */
export function networkFailure(error: unknown, host: string, timeoutMs: number): GitFailure {
  if (error instanceof GitFailure) return error;
  // Before the others: undici calls it an abort.
  const tunnel = tunnelStatus(error);
  if (tunnel !== undefined) {
    const remedy =
      tunnel === '407'
        ? 'give its user and password in its address'
        : 'let it through there, or name the host in NO_PROXY';
    return new GitFailure('unreachable', `the proxy refused the way to ${host} (${tunnel})`, remedy);
  }
  const code = codeOf(error);
  const name = textOf(error, 'name');
  if (name === 'TimeoutError' || name === 'AbortError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return timedOut(host, timeoutMs);
  }
  if (certificateCodes.test(code)) {
    return new GitFailure(
      'unreachable',
      `the certificate of ${host} is not trusted (${code})`,
      'give the authority that signed it as caCertificate of the source',
    );
  }
  const why = code === '' ? textOf(error, 'message') : code;
  return new GitFailure('unreachable', `${host} cannot be reached (${why})`, 'check the address, DNS and the network');
}

/** What a proxy answered in place of opening the way, as undici says it. */
function tunnelStatus(error: unknown): string | undefined {
  return /Proxy response \((\d+)\)|Proxy Authentication Required \((407)\)/
    .exec(textOf(error, 'message'))
    ?.slice(1)
    .find((status) => status !== undefined);
}

export function timedOut(host: string, timeoutMs: number): GitFailure {
  return new GitFailure(
    'timeout',
    `${host} did not answer in full within ${timeoutMs} ms`,
    'check the network, or raise the timeout of the source',
  );
}

/** @param remedyFirst what helps more than raising the limit */
export function tooLarge(maxBytes: number, remedyFirst?: string): GitFailure {
  const remedy = 'raise sources.maxPackMebibytes of the hub, or move what is deployed into a smaller repository';
  return new GitFailure(
    'tooLarge',
    `the repository sends more than ${maxBytes} bytes`,
    remedyFirst === undefined ? remedy : `${remedyFirst}, or ${remedy}`,
  );
}

/** The code of the innermost cause. By shape, since errors of Node may stem from another realm. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth += 1) {
    const { code, cause, errors } = at as { code?: unknown; cause?: unknown; errors?: unknown };
    if (typeof code === 'string') return code;
    at = Array.isArray(errors) ? errors[0] : cause;
  }
  return '';
}

function textOf(error: unknown, field: 'name' | 'message'): string {
  const text = (error as Record<string, unknown> | null | undefined)?.[field];
  return typeof text === 'string' ? text : String(error);
}
