/** The system's `git`, with nothing of the user's: no configuration, no hooks, no prompts, no helper, SSH alone. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GitFailure } from './failure';

export interface GitRun {
  args: string[];
  /** Beside PATH and what shuts the user's settings out. */
  env: Record<string, string>;
  /** A stream that fails fails the run. */
  input?: string | AsyncIterable<Buffer>;
  /** Kills git and what it started. */
  signal: AbortSignal;
  maxOutputBytes: number;
}

export interface GitResult {
  /** Undefined when it was killed. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

const maxErrorBytes = 16 * 1024;
const settings = {
  'core.hooksPath': '/dev/null',
  'core.askPass': '',
  'credential.helper': '',
  'protocol.allow': 'never',
  'protocol.ssh.allow': 'always',
  'protocol.version': '2',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'fetch.unpackLimit': '1',
};

/** Arguments and environment of every run of git. */
export function gitCommand(args: string[], env: Record<string, string>) {
  const config = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return {
    args: [...config, ...args],
    env: {
      PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: 'ssh',
      ...env,
    },
    cwd: '/',
  };
}

/** Of a pipe whose reader has gone. */
const endedEarly = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

export function runGit({ args, env, input, signal, maxOutputBytes }: GitRun): Promise<GitResult> {
  signal.throwIfAborted();
  const command = gitCommand(args, env);
  const child = spawn('git', command.args, {
    env: command.env,
    cwd: command.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that ssh ends with it.
    detached: true,
  });
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let sizes = { stdout: 0, stderr: 0 };
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    };
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      sizes = { ...sizes, stdout: sizes.stdout + chunk.length };
      if (sizes.stdout > maxOutputBytes) kill();
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (sizes.stderr > maxErrorBytes) return;
      sizes = { ...sizes, stderr: sizes.stderr + chunk.length };
      stderr.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', kill);
      reject(error.code === 'ENOENT' ? noGit() : error);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', kill);
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ code: code ?? undefined, stdout: text(stdout), stderr: text(stderr) });
    });
    child.stdin.on('error', () => undefined);
    if (typeof input !== 'object') {
      child.stdin.end(input ?? '');
      return;
    }
    pipeline(Readable.from(input), child.stdin).catch((error: NodeJS.ErrnoException) => {
      // One that ends before its input does has its reason; one whose input fails must not wait for the rest.
      if (!endedEarly.has(error.code ?? '')) {
        kill();
        reject(error);
      }
    });
  });
}

function noGit(): GitFailure {
  return new GitFailure(
    'invalid',
    'the hub has no git program, which reading over SSH needs',
    'install git and an SSH client beside the hub, or use the HTTPS address',
  );
}
