import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '#src/embedded/signals';
import type { openRun } from './folder';

const endTimeoutMs = 15_000;

/** Ends the lifeline, waits until every server that left a pid file is gone, and removes the folder. */
export async function endRun(run: ReturnType<typeof openRun>): Promise<void> {
  const pids = pidsBelow(run.folder);
  run.release();
  for (const until = Date.now() + endTimeoutMs; pids.some(isRunning) && Date.now() < until;) await sleep(10);
  rmSync(run.folder, { recursive: true, force: true, maxRetries: 5 });
}

function pidsBelow(folder: string): number[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number.parseInt(readFileSync(path.join(folder, name), 'utf8'), 10))
    .filter((pid) => pid > 1);
}
