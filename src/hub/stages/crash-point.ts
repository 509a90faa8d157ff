/** Where a test may have the hub killed: just after what the name says. */
export type CrashPoint =
  | 'source.fetched'
  | 'source.stored'
  | 'release.rendered'
  | 'release.stored'
  | 'rollout.authorised'
  | 'root.built'
  | 'root.signed'
  | 'sync.answering'
  | 'records.appended'
  | 'report.verified'
  | 'report.folded';

const armed = process.env.FLOTILLA_TEST_CRASH_AT;
let remaining = Number(process.env.FLOTILLA_TEST_CRASH_SKIP ?? 0);

/**
 * Ends this process with SIGKILL at the named point when `FLOTILLA_TEST_CRASH_AT` names it; nothing otherwise. Tests set
 * it to prove that no stage loses or repeats anything, wherever the hub dies.
 */
export function crashPoint(point: CrashPoint): void {
  if (armed !== point) return;
  if (remaining > 0) remaining -= 1;
  else process.kill(process.pid, 'SIGKILL');
}
