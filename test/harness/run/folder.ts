import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names the folder of the jest run, so that all its workers share it. */
export const runVariable = 'FLOTILLA_TEST_RUN';

// Several times, since a server that is being ended may still write.
const sweeperScript = 'while read -r _; do :; done; for _ in 1 2 3 4 5; do sleep 0.2; rm -rf -- "$1"; done';

let own: string | undefined;

/** The folder of the jest run, if this is one. */
export const sharedRunFolder = (): string | undefined => process.env[runVariable];

/** The named pipe that the jest process holds open: what reads from it learns that jest is gone. */
export const lifelineOf = (runFolder: string): string => path.join(runFolder, 'lifeline');

/** A new empty folder that is gone with the run, or outside of jest with this process, however that ends. */
export function temporaryFolder(name: string): string {
  const parent = sharedRunFolder() ?? (own ??= ownFolder());
  const folder = mkdtempSync(path.join(parent, `${name}-`));
  chmodSync(folder, 0o711); // PostgreSQL under root is another user, and must get through
  return folder;
}

function ownFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-run-'));
  chmodSync(folder, 0o711);
  sweepAtEnd(folder);
  return folder;
}

/** Makes a run folder with its lifeline; `release` ends the lifeline, whereupon servers end and the folder goes. */
export function openRun(): { folder: string; release: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-run-'));
  chmodSync(folder, 0o711);
  const lifeline = lifelineOf(folder);
  const made = spawnSync('mkfifo', ['-m', '600', lifeline]);
  if (made.status !== 0) throw new Error(`mkfifo ${lifeline} failed: ${made.error?.message ?? made.stderr.toString()}`);
  const held = openSync(lifeline, 'r+');
  sweepAtEnd(folder);
  return {
    folder,
    release: () => closeSync(held),
  };
}

/** Removes the folder when this process is gone, however it ends. */
function sweepAtEnd(folder: string): void {
  const sweeper = spawn('/bin/sh', ['-c', sweeperScript, 'sweeper', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  sweeper.unref();
  (sweeper.stdin as unknown as { unref?: () => void }).unref?.();
}
