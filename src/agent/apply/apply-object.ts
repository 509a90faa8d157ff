import { retryClassOf, retryPlan } from '#libs/apply/retry';
import type { KubernetesObject } from '#libs/kubernetes/object';
import type { Digest } from '#libs/protocol/digest';
import { type KubernetesApi, KubernetesError } from '../kubernetes/port';
import { fieldManager } from '../names';
import type { Pass } from '../reconcile/context';
import type { Refusal } from '../reconcile/permit';
import type { DesiredObject } from '../sync/desired';
import { adopted } from './adopt';
import { conflictMessage, mayForce } from './owned-fields';

export type Applied =
  | { kind: 'applied'; live: KubernetesObject }
  | { kind: 'failed'; message: string }
  | { kind: 'stopped'; permit: Refusal };

export interface ApplyHow {
  /** Take fields whoever owns them. */
  force: boolean;
  /** Digest of what was applied before; empty at the first time. */
  before: string;
}

/** Applies one object, again and again as its errors allow. */
export async function applyObject(pass: Pass, object: DesiredObject, how: ApplyHow): Promise<Applied> {
  const { runtime, kubernetes, calls } = pass.shared;
  let { force } = how;
  for (let attempt = 1; ;) {
    const permit = pass.permit();
    if (!permit.ok) return { kind: 'stopped', permit };
    try {
      const live = await calls(() => kubernetes.apply(object.node.object, options(pass, force)));
      return { kind: 'applied', live: how.before === '' ? await adopt(pass, object, live) : live };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const conflicts = error.details.conflicts ?? [];
      if (!force && conflicts.length > 0 && mayForce(conflicts, await previousObject(pass, how.before))) {
        force = true;
        continue;
      }
      const errorClass = retryClassOf(error.errorClass, conflicts.length);
      const plan = retryPlan(errorClass, attempt, error.details.retryAfterMs, runtime.random);
      if (plan.kind === 'giveUp') {
        const what = conflicts.length > 0 ? conflictMessage(conflicts) : error.message;
        return { kind: 'failed', message: `${what} (${plan.reason})` };
      }
      attempt += 1;
      await runtime.sleep(plan.delayMs, pass.signal);
    }
  }
}

function options(pass: Pass, force: boolean): Parameters<KubernetesApi['apply']>[1] {
  return { fieldManager, force, ...(pass.as === undefined ? {} : { as: pass.as }) };
}

/** Only at the first apply: takes over from client-side apply, and then drops what had left its manifests. */
async function adopt(pass: Pass, object: DesiredObject, live: KubernetesObject): Promise<KubernetesObject> {
  const taken = adopted(live);
  if (taken === undefined) return live;
  const { kubernetes, calls } = pass.shared;
  const { force: _force, ...writing } = options(pass, true);
  await calls(() => kubernetes.replace(taken, writing));
  return calls(() => kubernetes.apply(object.node.object, options(pass, true)));
}

async function previousObject(pass: Pass, digest: string): Promise<KubernetesObject | undefined> {
  if (digest === '') return undefined;
  return (await pass.shared.previousNode(digest as Digest))?.object;
}
