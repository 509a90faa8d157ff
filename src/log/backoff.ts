import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
}

/** The pause after a failed delivery or a lost connection. Full jitter: a fleet of consumers does not come back at once. */
export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 30_000 };

/** Milliseconds before the next try: anywhere in 0 … min(maxMs, baseMs × 2^attempt). The first `attempt` is 0. */
export function fullJitterMs(attempt: number, { baseMs, maxMs }: BackoffOptions, random = Math.random): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30)));
}

/** Sleeps; ends early, without an error, when the signal aborts. */
export async function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  await delay(durationMs, undefined, { signal }).catch(() => undefined);
}

/** Tries until it works, pausing between; undefined when the signal aborts first. */
export async function untilDone<T>(
  work: () => Promise<T>,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
  backoff: BackoffOptions = DEFAULT_BACKOFF,
): Promise<{ value: T } | undefined> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return { value: await work() };
    } catch (error) {
      if (signal.aborted) return undefined;
      onFailure(error);
      await pause(fullJitterMs(attempt, backoff), signal);
    }
  }
  return undefined;
}
