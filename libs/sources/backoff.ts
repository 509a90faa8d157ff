/** When a source is looked at next. */

const maxBackoffSeconds = 600;
const jitter = 0.1;

/**
 * After a success: the interval, ±10 %. After failures: doubled for each, at most ten minutes (or the interval where that
 * is longer). `random` gives numbers from 0 to below 1.
 */
export function nextPoll(now: Date, intervalSeconds: number, consecutiveFailures: number, random: () => number): Date {
  let seconds = intervalSeconds;
  if (consecutiveFailures > 0) {
    // Below the cap by the jitter, so that sources that fail together keep apart at the cap too.
    const cap = Math.max(intervalSeconds, maxBackoffSeconds / (1 + jitter));
    seconds = Math.min(intervalSeconds * 2 ** Math.min(consecutiveFailures, 30), cap);
  }
  const factor = 1 - jitter + 2 * jitter * random();
  return new Date(now.getTime() + Math.round(seconds * factor * 1000));
}
