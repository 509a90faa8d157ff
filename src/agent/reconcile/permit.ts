import type { Hold } from '#libs/protocol/sync';
import type { DesiredState, DesiredTarget } from '../sync/desired';

/** Whether the next write may happen. Asked before each one. */
export type Permit = { ok: true } | { ok: false; reason: 'held' | 'expired' | 'outdated' | 'stopped'; message: string };

export type Refusal = Extract<Permit, { ok: false }>;

export interface PermitInputs {
  hold: Hold;
  desired: DesiredState | undefined;
  /** What the work was begun for. */
  target: DesiredTarget;
  now: Date;
  isStopped: boolean;
}

export function permitFor({ hold, desired, target, now, isStopped }: PermitInputs): Permit {
  const no = (reason: Refusal['reason'], message: string): Permit => ({ ok: false, reason, message });
  if (isStopped) return no('stopped', 'the agent is stopping');
  if (desired === undefined || desired.targets.get(target.id) !== target)
    return no('outdated', 'there is something newer');
  if (hold.cluster || hold.applications.includes(target.application)) {
    return no('held', hold.reason ?? 'an emergency halt holds it; `flotilla resume` ends it');
  }
  if (Date.parse(desired.root.expiresAt) <= now.getTime()) {
    return no('expired', `the root expired at ${desired.root.expiresAt}; the hub has to be reached again`);
  }
  return { ok: true };
}
