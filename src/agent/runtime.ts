import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance as the agent uses them; tests give their own. */
export interface AgentRuntime {
  now(): Date;
  /** Never goes back, whatever becomes of the wall clock; its zero means nothing. */
  monotonicMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Resolves after the time, or as soon as the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemRuntime: AgentRuntime = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  random: Math.random,
  async sleep(ms, signal) {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** `ms` give or take this part of it. */
export function jittered(ms: number, part: number, random: () => number): number {
  return Math.round(ms * (1 + part * (2 * random() - 1)));
}

/** Full jitter: a random part of `baseMs * 2^attempt`, at most `capMs`; `attempt` counts from 0. */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
