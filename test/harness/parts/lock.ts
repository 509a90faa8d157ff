import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '#src/embedded/signals';

const touchEveryMs = 5_000;
const staleAfterMs = 30_000;

/** Runs `work` while no other process on this machine runs one under the same lock file. A dead holder's lock is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!take(file)) {
    if (isStale(file)) rmSync(file, { force: true });
    else await sleep(50);
  }
  const touch = setInterval(() => touchFile(file), touchEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    rmSync(file, { force: true });
  }
}

function touchFile(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Another took it for stale, since this process stood still: the work is done twice, which does no harm.
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(file: string): boolean {
  try {
    const untouchedMs = Date.now() - statSync(file).mtimeMs;
    if (untouchedMs > staleAfterMs) return true;
    if (untouchedMs < 1_000) return false; // it may be being written
    const { host, pid } = JSON.parse(readFileSync(file, 'utf8')) as { host: string; pid: number };
    return host === hostname() && !isRunning(pid);
  } catch {
    return false; // it has just gone
  }
}
