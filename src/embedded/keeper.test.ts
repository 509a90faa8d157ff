import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnKept } from './keeper';
import { isRunning, untilEnded } from './signals';

describe('a kept process', () => {
  let folder: string;
  let logFile: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-keeper-'));
    logFile = path.join(folder, 'log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const exitOf = (child: ReturnType<typeof spawnKept>) =>
    new Promise<number | null>((resolve) => child.ref() ?? child.once('exit', (code) => resolve(code)));

  it('ends when the last writer of its lifeline is gone', async () => {
    const fifo = path.join(folder, 'lifeline');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const owner = openSync(fifo, 'r+');
    const child = spawnKept({ command: 'sleep', args: ['600'], logFile, lifelineFifo: fifo });
    const exited = exitOf(child);
    expect(isRunning(child.pid)).toBe(true);
    closeSync(owner);
    expect(await exited).not.toBe(0);
  });

  it('ends when the process that started it closes the pipe', async () => {
    const child = spawnKept({ command: 'sleep', args: ['600'], logFile });
    const exited = exitOf(child);
    child.stdin?.end();
    expect(await exited).not.toBe(0);
  });

  it('answers with its own exit code, and its words are in the log', async () => {
    const child = spawnKept({ command: 'sh', args: ['-c', 'echo said; exit 7'], logFile });
    expect(await exitOf(child)).toBe(7);
    expect(readFileSync(logFile, 'utf8')).toBe('said\n');
  });

  it('gets the signals that are sent to its keeper', async () => {
    const script = 'trap "echo asked; exit 3" TERM; echo up; while :; do sleep 0.05; done';
    const child = spawnKept({ command: 'sh', args: ['-c', script], logFile });
    const exited = exitOf(child);
    while (!readFileSync(logFile, 'utf8').includes('up')) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGTERM');
    expect(await exited).toBe(3);
    expect(readFileSync(logFile, 'utf8')).toBe('up\nasked\n');
  });

  it('is killed when it does not end in time', async () => {
    const child = spawnKept({ command: 'sh', args: ['-c', 'trap "" TERM; while :; do sleep 0.05; done'], logFile });
    const exited = exitOf(child).then(() => undefined);
    child.kill('SIGTERM');
    await untilEnded(child.pid, exited, 20);
    expect(isRunning(child.pid)).toBe(false);
  });
});
