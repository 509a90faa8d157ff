import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 100;

/** Asks until the answer passes; the last failure is thrown when it has not within the time. */
export async function eventually<T>(ask: () => Promise<T>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}
