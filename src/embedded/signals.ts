import { readFileSync } from 'node:fs';

/** Sends a signal; answers false when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Whether a process runs; one that has ended and only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return true; // there is no /proc here
  }
}

/** Waits for a kept process to end, and has its keeper kill it when that takes longer. Keeps this process running meanwhile. */
export async function untilEnded(keeper: number, exited: Promise<void>, timeoutMs: number): Promise<void> {
  const late = setInterval(() => signal(keeper, 'SIGUSR1'), Math.max(timeoutMs, 5));
  try {
    await exited;
  } finally {
    clearInterval(late);
  }
}
