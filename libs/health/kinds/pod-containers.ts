import type { KubernetesObject } from '#libs/kubernetes/object';
import { enumerate, listAt, numberAt, textAt, valueAt } from '../fields';
import { clip } from '../health';

/** Why a container does not run. */
export interface ContainerTrouble {
  container: string;
  init: boolean;
  /** As of Kubernetes: `CrashLoopBackOff`, `ImagePullBackOff`, `CreateContainerConfigError`. */
  reason: string;
  message: string;
}

/** What every container waits with for a moment: no trouble. */
const passing = new Set(['ContainerCreating', 'PodInitializing']);

/** Containers that wait with a reason, init containers first, since they hold up the rest. */
export function containerTroubles(object: KubernetesObject): ContainerTrouble[] {
  return [...troublesIn(object, 'initContainerStatuses', true), ...troublesIn(object, 'containerStatuses', false)];
}

function troublesIn(object: KubernetesObject, field: string, init: boolean): ContainerTrouble[] {
  return listAt(object, 'status', field).flatMap((status) => {
    const container = textAt(status, 'name');
    const reason = textAt(status, 'state', 'waiting', 'reason');
    if (container === undefined || reason === undefined || passing.has(reason)) return [];
    const last = valueAt(status, 'lastState', 'terminated');
    const waiting = textAt(status, 'state', 'waiting', 'message');
    // A crash loop's own message tells the pause before the next start; how it ended tells the cause.
    const message = reason === 'CrashLoopBackOff' && last !== undefined ? describeEnd(last) : waiting;
    return [{ container, init, reason, message: message ?? '' }];
  });
}

export function describeTroubles(troubles: readonly ContainerTrouble[]): string {
  const first = troubles[0];
  if (first === undefined) return '';
  const names = enumerate(troubles.map((trouble) => trouble.container));
  const noun = troubles.length > 1 ? 'containers' : first.init ? 'init container' : 'container';
  return `${noun} ${names}: ${first.reason}${first.message === '' ? '' : `: ${first.message}`}`;
}

/** `: container app: exited with code 1 (Error)`, or what the Pod itself says, as after an eviction. */
export function failuresOf(object: KubernetesObject): string {
  const own = textAt(object, 'status', 'message') ?? textAt(object, 'status', 'reason');
  if (own !== undefined) return `: ${own}`;
  const statuses = [
    ...listAt(object, 'status', 'initContainerStatuses'),
    ...listAt(object, 'status', 'containerStatuses'),
  ];
  const failed = statuses.find((status) => (numberAt(status, 'state', 'terminated', 'exitCode') ?? 0) !== 0);
  if (failed === undefined) return '';
  return `: container ${textAt(failed, 'name') ?? '?'} ${describeEnd(valueAt(failed, 'state', 'terminated'))}`;
}

function describeEnd(terminated: unknown): string {
  const code = numberAt(terminated, 'exitCode');
  const reason = textAt(terminated, 'reason');
  const message = textAt(terminated, 'message');
  const end = `exited with code ${code ?? 'unknown'}${reason === undefined ? '' : ` (${reason})`}`;
  return message === undefined ? end : `${end}: ${clip(message.trim(), 300)}`;
}
