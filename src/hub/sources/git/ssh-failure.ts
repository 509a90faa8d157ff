/** What `git` and `ssh` print when they fail, in classes: the first row that matches. */
import { GitFailure, NotServed, timedOut, UnreadableRepository } from './failure';
import type { FetchFailureClass } from './port';
import type { GitResult } from './run-git';

interface Row {
  pattern: RegExp;
  failureClass: FetchFailureClass;
  message: (host: string) => string;
  remedy: string;
}

const rows: Row[] = [
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known/i,
    failureClass: 'unauthorized',
    message: (host) => `the host key of ${host} is not one of those in knownHosts`,
    remedy: 'if its owner changed it, give the new line in knownHosts; if not, somebody else answers',
  },
  {
    pattern: /Load key|error in libcrypto|invalid format/i,
    failureClass: 'unauthorized',
    message: () => 'the private key cannot be read',
    remedy: 'give an OpenSSH or PEM private key without passphrase',
  },
  {
    pattern: /Permission denied|access denied|authentication fail|not authorized/i,
    failureClass: 'unauthorized',
    message: (host) => `${host} refused the private key`,
    remedy: 'let its public key read this repository (a deploy key)',
  },
  {
    pattern: /timed out|timeout/i,
    failureClass: 'timeout',
    message: (host) => `${host} did not answer in time`,
    remedy: 'check the network, or raise the timeout of the source',
  },
  {
    pattern: /does not appear to be a git repository|repository .*not found|not found|could not be found/i,
    failureClass: 'notFound',
    message: (host) => `${host} has no such repository, or hides it from this key`,
    remedy: 'check the address, and that the key may read it',
  },
];

const unserved = /not our ref|unadvertised object|not valid|no such remote ref|couldn't find remote ref/i;
const brokenCache =
  /not a git repository:|bad object|corrupt|\.lock': File exists|index file|unresolved delta|missing/i;
const network = /resolve hostname|Connection (refused|reset|closed)|No route|unreachable|hung up|early EOF|cannot run/i;

export function sshFailure(result: GitResult, context: { host: string; timeoutMs: number; timedOut: boolean }): Error {
  const { host, timeoutMs } = context;
  if (context.timedOut) return timedOut(host, timeoutMs);
  const text = result.stderr;
  if (unserved.test(text)) return new NotServed();
  const row = rows.find(({ pattern }) => pattern.test(text));
  if (row !== undefined) return new GitFailure(row.failureClass, row.message(host), row.remedy);
  const last = text.trim().split('\n').at(-1) ?? '';
  if (network.test(text)) {
    return new GitFailure(
      'unreachable',
      `${host} cannot be reached (${last})`,
      'check the address, DNS and the network',
    );
  }
  if (brokenCache.test(text)) return new UnreadableRepository(last);
  return new GitFailure('invalid', `git could not read from ${host}: ${last}`, 'try `git ls-remote` with this address');
}
