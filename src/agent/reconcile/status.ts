import { unknown } from '#libs/health/health';
import { rollUpHealth } from '#libs/health/roll-up';
import { referenceOf } from '#libs/kubernetes/object';
import { type ObjectNote, type TargetReport } from '#libs/protocol/report';
import { isApplied } from './entry';
import type { Target } from './target';

const maxNotes = 20;
const maxPending = 1_000;
const maxTextLength = 1_000;

/** What is told of a target. `ageMs` is as of `nowMs` on the monotonic clock. */
export function statusOf(target: Target, nowMs: number): TargetReport {
  const { desired } = target;
  const remarks = [...target.drifts, ...target.remarks];
  return {
    application: desired.application,
    scope: desired.scope,
    bundle: desired.bundle?.digest ?? null,
    epoch: target.version.epoch,
    generation: target.version.generation,
    phase: target.phase,
    health: healthOf(target),
    objects: countsOf(target),
    drifted: target.drifts.size,
    corrected: target.corrected,
    driftNotes: notesOf(remarks),
    errors: notesOf([...target.errors, ...target.troubles]),
    pendingDeletions: target.pendingDeletions.slice(0, maxPending).map((key) => key.slice(0, maxTextLength)),
    observedAt: target.observedAt.toISOString(),
    ageMs: Math.max(0, Math.round(nowMs - target.observedAtMs)),
  };
}

/** What makes two reports of a target different; when it was looked at does not. */
export function essenceOf(report: TargetReport): string {
  return JSON.stringify({ ...report, observedAt: '', ageMs: 0 });
}

function healthOf(target: Target): TargetReport['health'] {
  const objects = target.desired.bundle?.objects ?? [];
  const known = objects.flatMap(({ key, node }) => {
    const health = target.health.get(key);
    return health === undefined ? [] : [{ object: referenceOf(node.object), health }];
  });
  const isUnseen = objects.length > 0 && (known.length === 0 || !target.isSeen);
  const { status, message } = isUnseen ? unknown('Unseen', 'not looked at yet') : rollUpHealth(known);
  return { status, message: message.slice(0, maxTextLength) };
}

function countsOf(target: Target): TargetReport['objects'] {
  const { inventory, desired } = target;
  const objects = desired.bundle?.objects ?? [];
  if (desired.bundle === undefined) return { total: inventory?.size ?? 0, applied: 0, failed: target.errors.size };
  const applied = objects.filter((object) => isApplied(inventory?.get(object.key), object)).length;
  return { total: objects.length, applied, failed: [...target.errors.keys()].filter((key) => key !== '').length };
}

function notesOf(notes: Iterable<[string, string]>): ObjectNote[] {
  return [...notes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxNotes)
    .map(([object, message]) => ({ object: object.slice(0, maxTextLength), message: message.slice(0, maxTextLength) }));
}
