/** What a script can tell from the exit code; part of the interface, never renumbered. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  progressing: 3,
  unhealthy: 4,
  unreachable: 5,
  unauthorised: 6,
  notFound: 7,
  conflict: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failed, 'failed'],
  [exitCodes.usage, 'wrong usage: an unknown command, option or value'],
  [exitCodes.progressing, 'targets are progressing (status --exit-code; sync --wait when its time is up)'],
  [exitCodes.unhealthy, 'targets have failed, drifted or are unknown (status --exit-code, sync --wait)'],
  [exitCodes.unreachable, 'the hub cannot be reached, or cannot answer now'],
  [exitCodes.unauthorised, 'not logged in, or the token does not allow this'],
  [exitCodes.notFound, 'there is no such thing'],
  [exitCodes.conflict, 'the present state does not allow this, or it has been changed meanwhile'],
  [exitCodes.interrupted, 'interrupted'],
];
