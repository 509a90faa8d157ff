import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnKept } from '#src/embedded/keeper';
import { isRunning, signal } from '#src/embedded/signals';
import { repository } from '#test/harness/parts/folders';

const endTimeoutMs = 10_000;

/** One of our programs as a process of its own, which ends with this one at the latest. */
export interface Program {
  /** Of its log, and its own. */
  folder: string;
  name: string;
  pid: number;
  isRunning(): boolean;
  /** What it has logged: the JSON lines of it. */
  logs(): Record<string, unknown>[];
  /** The end of what it said, for an error. */
  said(): string;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  name: string;
  /** Below `dist`, for example `src/hub/main.js`. */
  script: string;
  args?: readonly string[];
  /** For its log. */
  folder: string;
  env: Record<string, string>;
}

export function startProgram({ name, script, args = [], folder, env }: ProgramOptions): Program {
  const logFile = path.join(folder, `${name}.log`);
  const { pid } = spawnKept({
    command: process.execPath,
    args: [path.join(repository, 'dist', script), ...args],
    env: { PATH: process.env.PATH, ...env },
    logFile,
    endSignal: 'TERM',
  });
  const text = () => readFileSync(logFile, 'utf8');
  return {
    name,
    folder,
    pid,
    isRunning: () => isRunning(pid),
    logs: () => text().split('\n').flatMap(jsonOf),
    said: () => text().slice(-2_000),
    stop: async () => {
      signal(pid, 'SIGTERM');
      for (const until = Date.now() + endTimeoutMs; isRunning(pid); await sleep(20)) {
        if (Date.now() > until) signal(pid, 'SIGUSR1'); // the keeper makes it a KILL
      }
    },
  };
}

function jsonOf(line: string): Record<string, unknown>[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return []; // half a line, still being written
  }
}
