import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnKept } from '#src/embedded/keeper';
import { isRunning, signal } from '#src/embedded/signals';

/** A server process, as plain data: any process of the run can stop and start it. */
export interface Server {
  name: string;
  /** Holds its log and its pid file. */
  folder: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Set for what is shared in a run: it lives as long as the run. */
  lifelineFifo?: string;
}

const readyTimeoutMs = 60_000;
const endTimeoutMs = 10_000;
const pollMs = 25;

const pidFile = (server: Server): string => path.join(server.folder, `${server.name}.pid`);
const logFile = (server: Server): string => path.join(server.folder, `${server.name}.log`);

/** Starts the server and waits until `ready` answers true. Throws with the end of its log when it ends before. */
export async function startServer(server: Server, ready: () => Promise<boolean>): Promise<void> {
  const env = { ...process.env, ...server.env };
  const kept = spawnKept({ ...server, env, logFile: logFile(server) });
  writeFileSync(pidFile(server), String(kept.pid));
  for (const until = Date.now() + readyTimeoutMs; !(await ready()); await sleep(pollMs)) {
    if (isRunning(kept.pid) && Date.now() < until) continue;
    const why = isRunning(kept.pid) ? `was not ready in ${readyTimeoutMs / 1000} s` : 'ended at once';
    await killServer(server);
    throw new Error(`${server.name} ${why}:\n${readFileSync(logFile(server), 'utf8').slice(-2_000)}`);
  }
}

/** Kill -9, and waits until it is gone. Does nothing when it does not run. */
export async function killServer(server: Server): Promise<void> {
  const pid = keeperOf(server);
  if (pid === undefined) return;
  signal(pid, 'SIGUSR1'); // the keeper makes it a KILL
  for (const until = Date.now() + endTimeoutMs; isRunning(pid); await sleep(5)) {
    if (Date.now() > until) throw new Error(`${server.name} (process ${pid}) does not end`);
  }
  rmSync(pidFile(server), { force: true });
}

function keeperOf(server: Server): number | undefined {
  try {
    return Number(readFileSync(pidFile(server), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether something listens on the port of 127.0.0.1. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
