import { type DeletionRefusal, mayDelete } from '#libs/apply/may-delete';
import { objectKey } from '#libs/kubernetes/object';
import { retryClassOf, retryPlan } from '#libs/apply/retry';
import type { Entry } from '../inventory/format';
import { KubernetesError } from '../kubernetes/port';
import type { Pass } from '../reconcile/context';
import type { Refusal } from '../reconcile/permit';

export type Deleted =
  | { kind: 'deleted' }
  /** Or another application's by now: in either case no longer of this one. */
  | { kind: 'gone' }
  /** It is not ours to delete; `message` says why. */
  | { kind: 'refused'; reason: DeletionRefusal; message: string }
  | { kind: 'failed'; message: string }
  | { kind: 'stopped'; permit: Refusal };

/** Deletes the object of an entry, if the one that is there now is still the one that we applied. */
export async function deleteObject(pass: Pass, entry: Entry): Promise<Deleted> {
  const { runtime } = pass.shared;
  for (let attempt = 1; ; attempt += 1) {
    const permit = pass.permit();
    if (!permit.ok) return { kind: 'stopped', permit };
    try {
      return await tryDelete(pass, entry);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      // The kind is not served any more, and its objects are gone with it.
      if (error.errorClass === 'notFound') return { kind: 'gone' };
      const errorClass = retryClassOf(error.errorClass, 0);
      const plan = retryPlan(errorClass, attempt, error.details.retryAfterMs, runtime.random);
      if (plan.kind === 'giveUp') return { kind: 'failed', message: `${error.message} (${plan.reason})` };
      await runtime.sleep(plan.delayMs, pass.signal);
    }
  }
}

async function tryDelete(pass: Pass, entry: Entry): Promise<Deleted> {
  const { kubernetes, calls } = pass.shared;
  const live = await calls(() => kubernetes.get(entry));
  const decision = mayDelete(entry, live, pass.desired.entry.name);
  if (!decision.allowed) {
    const { reason, message } = decision;
    return reason === 'gone' ? { kind: 'gone' } : { kind: 'refused', reason, message };
  }
  // Halted, or newly wanted by another application, while we looked.
  const permit = pass.permit();
  if (!permit.ok) return { kind: 'stopped', permit };
  if (pass.isClaimedByOther(objectKey(entry))) return { kind: 'gone' };
  await calls(() =>
    kubernetes.delete(entry, {
      uid: entry.uid,
      propagation: 'Background',
      ...(pass.as === undefined ? {} : { as: pass.as }),
    }),
  );
  return { kind: 'deleted' };
}
