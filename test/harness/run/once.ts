import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../parts/lock';

type Outcome<T> = { ok: true; value: T } | { ok: false; error: string };

/**
 * Does `start` once in a run, whichever worker comes first, and gives all of them its answer, which must be plain JSON.
 * What failed is not tried again: the others fail at once with the same words.
 */
export async function onceInRun<T>(runFolder: string, name: string, start: () => Promise<T>): Promise<T> {
  const file = path.join(runFolder, `${name}.json`);
  if (!existsSync(file)) {
    await withLock(`${file}.lock`, async () => {
      if (!existsSync(file)) write(file, await outcome(start));
    });
  }
  const found = JSON.parse(readFileSync(file, 'utf8')) as Outcome<T>;
  if (found.ok) return found.value;
  throw new Error(`${name} did not start in this test run: ${found.error}`);
}

async function outcome<T>(start: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await start() };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function write(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
