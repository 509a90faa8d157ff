import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const program = path.join(__dirname, '..', '..', 'scripts', 'flotilla.js');

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `flotilla` as a user does, as a process of its own. */
export async function flotilla(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, ...output };
}

export interface BackgroundProcess {
  /** What it has printed, standard output and error together. */
  output(): string;
  isRunning(): boolean;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `flotilla` and goes on; end it with `kill`. */
export function flotillaInBackground(args: readonly string[], env: Record<string, string> = {}): BackgroundProcess {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    output: () => printed,
    isRunning,
    kill: async (signal = 'SIGTERM') => {
      if (!isRunning()) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
