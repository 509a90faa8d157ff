import type { KubernetesErrorClass } from '#libs/kubernetes/error-class';

/** `fieldConflict` is a `conflict` in which the server named other managers' fields: waiting does not make them let go. */
export type RetryClass = KubernetesErrorClass | 'fieldConflict';

export type RetryPlan = { kind: 'retry'; delayMs: number } | { kind: 'giveUp'; reason: string };

type Policy =
  | { kind: 'never'; reason: string }
  /** Waits a random part of `baseMs * 2^(attempt-1)`, at most `capMs`: full jitter, so that a fleet does not return as one. */
  | { kind: 'backoff'; maxAttempts: number; baseMs: number; capMs: number; reason: string }
  /** Waits as long as the server says, and up to `jitterMs` more, so that not all come back at that instant. */
  | { kind: 'asTold'; maxAttempts: number; defaultMs: number; capMs: number; jitterMs: number; reason: string };

const nextComparison = 'it is tried again at the next full comparison';

const policies: Readonly<Record<RetryClass, Policy>> = {
  invalid: never('the API server refuses the object as it is'),
  forbidden: never('the service account that it is applied as lacks the permission'),
  unauthorized: never('the API server does not accept the credential'),
  tooLarge: never('the object or the answer is larger than the API server takes'),
  alreadyExists: never('another object has this name'),
  fieldConflict: never('other managers own fields of it, and the sync policy does not take them'),
  // Someone wrote between our read and our write: reading again at once is right, and it rarely happens twice.
  conflict: backoff(4, 50, 1_000, 'it kept changing under the write'),
  // A namespace or a custom resource's kind that is made in the same sync is served within seconds, if at all.
  notFound: backoff(8, 250, 10_000, 'its namespace or its kind did not appear'),
  unavailable: backoff(8, 250, 30_000, 'the API server stayed unreachable'),
  timeout: backoff(6, 500, 30_000, 'the API server did not answer in time'),
  throttled: {
    kind: 'asTold',
    maxAttempts: 10,
    defaultMs: 1_000,
    capMs: 60_000,
    jitterMs: 1_000,
    reason: 'the API server kept throttling',
  },
};

function never(reason: string): Policy {
  return { kind: 'never', reason };
}

function backoff(maxAttempts: number, baseMs: number, capMs: number, reason: string): Policy {
  return { kind: 'backoff', maxAttempts, baseMs, capMs, reason };
}

/** Which row of the table an error is judged by; `fieldConflicts` is how many fields of other managers it names. */
export function retryClassOf(errorClass: KubernetesErrorClass, fieldConflicts: number): RetryClass {
  return errorClass === 'conflict' && fieldConflicts > 0 ? 'fieldConflict' : errorClass;
}

/**
 * Whether a call that failed is made again within this sync, and when.
 * `attempt` is how often it has been tried (1 after the first failure); `random` gives numbers in [0, 1).
 */
export function retryPlan(
  errorClass: RetryClass,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): RetryPlan {
  const policy = policies[errorClass];
  if (policy.kind === 'never') return { kind: 'giveUp', reason: `${policy.reason}; ${nextComparison}` };
  if (attempt >= policy.maxAttempts) {
    return { kind: 'giveUp', reason: `${policy.reason} in ${attempt} attempts; ${nextComparison}` };
  }
  return { kind: 'retry', delayMs: Math.round(delayOf(policy, attempt, retryAfterMs, random)) };
}

function delayOf(
  policy: Exclude<Policy, { kind: 'never' }>,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  if (policy.kind === 'asTold') {
    return clamp(retryAfterMs ?? policy.defaultMs, policy.capMs) + random() * policy.jitterMs;
  }
  const backoffMs = random() * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  // A server that says how long it will be away is believed, within the cap.
  return Math.max(backoffMs, clamp(retryAfterMs ?? 0, policy.capMs));
}

/** A server's wish, made safe: nothing, NaN and negative are no wait; a wait of hours is the cap. */
function clamp(wantedMs: number, capMs: number): number {
  return wantedMs > 0 ? Math.min(wantedMs, capMs) : 0;
}
