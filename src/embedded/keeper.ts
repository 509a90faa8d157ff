import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/**
 * Runs "$@" and ends it when standard input closes, which is when whoever holds the other end is gone, however that
 * happened: a pipe's end needs no polling and cannot be forgotten, not even by kill -9. The first word is the signal that
 * it is ended with; what has not ended five seconds later is killed. Signals to the keeper are passed on, USR1 as KILL,
 * and the keeper reaps what it started, so that nothing is left, not even a zombie.
 */
const keeperScript = `
end=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
(
  while read -r _; do :; done <&3
  trap '' TERM
  kill -s "$end" "$child" 2>/dev/null
  n=0; while [ $n -lt 50 ] && kill -0 "$child" 2>/dev/null; do n=$((n+1)); sleep 0.1; done
  kill -s KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
for name in TERM INT QUIT; do trap "kill -s $name $child 2>/dev/null" $name; done
trap 'kill -s KILL $child 2>/dev/null' USR1
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
kill -s TERM "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
`;

export interface KeptCommand {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** Takes standard output and standard error. */
  logFile: string;
  /** What is sent first when the owner is gone. */
  endSignal?: 'INT' | 'QUIT' | 'TERM' | 'KILL';
  /** A named pipe; the process lives until its last writer is gone. Without it, until this process is gone. */
  lifelineFifo?: string;
}

/**
 * Starts a server that cannot outlive its owner. The process that is returned is its keeper, which ends when the server
 * does and passes TERM, INT and QUIT on, and USR1 as KILL. A Ctrl-C in the terminal does not reach either. The calling
 * process may exit without waiting for it.
 */
export function spawnKept(kept: KeptCommand): ChildProcess & { pid: number } {
  const log = openSync(kept.logFile, 'a', 0o600);
  const lifeline = kept.lifelineFifo === undefined ? undefined : openSync(kept.lifelineFifo, 'r');
  try {
    const child = spawn(
      '/bin/sh',
      ['-c', keeperScript, 'keeper', kept.endSignal ?? 'KILL', kept.command, ...kept.args],
      {
        cwd: kept.cwd ?? '/',
        env: kept.env ?? process.env,
        detached: true,
        stdio: [lifeline ?? 'pipe', log, log],
        ...(kept.uid === undefined ? {} : { uid: kept.uid, gid: kept.gid }),
      },
    );
    if (child.pid === undefined) throw new Error(`could not start ${kept.command}: /bin/sh did not start`);
    child.unref();
    // A pipe of a child is a socket, which would keep this process running.
    (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    child.stdin?.on('error', () => undefined);
    return child as ChildProcess & { pid: number };
  } finally {
    closeSync(log);
    if (lifeline !== undefined) closeSync(lifeline);
  }
}
