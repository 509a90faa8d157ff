import type { KubernetesObject } from '#libs/kubernetes/object';
import { referenceOf } from '#libs/kubernetes/object';
import type { Pass } from '../reconcile/context';

const patienceMs = 30_000;
const firstPauseMs = 25;
const longestPauseMs = 1_000;

/** Waits until a CustomResourceDefinition serves its kind; false when it does not in time, or the pass ends. */
export async function isEstablishedInTime(pass: Pass, definition: KubernetesObject): Promise<boolean> {
  const { runtime, kubernetes, calls } = pass.shared;
  const untilMs = runtime.monotonicMs() + patienceMs;
  let live: KubernetesObject | undefined = definition;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    if (live !== undefined && isEstablished(live)) return true;
    if (runtime.monotonicMs() >= untilMs || !pass.permit().ok) return false;
    await runtime.sleep(pauseMs, pass.signal);
    live = await calls(() => kubernetes.get(referenceOf(definition))).catch(() => undefined);
  }
}

function isEstablished(definition: KubernetesObject): boolean {
  const status = definition.status as { conditions?: { type?: string; status?: string }[] } | undefined;
  return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;
}

/** The group and kind that a definition brings, as `group/Kind`. */
export function definedKind(definition: KubernetesObject): string {
  const spec = definition.spec as { group?: string; names?: { kind?: string } } | undefined;
  return `${spec?.group ?? ''}/${spec?.names?.kind ?? ''}`;
}
