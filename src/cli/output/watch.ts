import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import type { Io } from '../io';

export interface Watched<T> {
  load(): Promise<T>;
  show(value: T): string;
  /** What of it says something new when it changes. */
  key(value: T): string;
}

const intervalMs = 2_000;

/**
 * Prints, and prints again when something changes, until Ctrl-C: on a terminal in the same place, else below. When the hub
 * cannot be reached for a while it says so and goes on.
 */
export async function watch<T>(io: Io, { load, show, key }: Watched<T>): Promise<void> {
  const interrupted = io.interrupted();
  let last: string | undefined;
  let lost = false;
  while (!interrupted.aborted) {
    try {
      const value = await load();
      if (lost) io.stderr.write('the hub answers again\n');
      lost = false;
      const now = key(value);
      if (io.stdout.isTTY) io.stdout.write(`\u001b[H\u001b[J${show(value)}`);
      else if (now !== last) io.stdout.write(last === undefined ? show(value) : `\n${show(value)}`);
      last = now;
    } catch (error) {
      const passing = error instanceof CliError && error.exitCode === exitCodes.unreachable;
      if (!passing || last === undefined) throw error;
      if (!lost) io.stderr.write(`${error.message}; trying again\n`);
      lost = true;
    }
    await io.sleep(intervalMs);
  }
}
