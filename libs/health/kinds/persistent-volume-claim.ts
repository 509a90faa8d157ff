import type { KubernetesObject } from '#libs/kubernetes/object';
import { textAt } from '../fields';
import { healthy, progressing, type Health } from '../health';

const hints: Readonly<Record<string, string>> = {
  Pending: 'it waits for a volume, or for the first Pod that uses it',
  Lost: 'the volume that it was bound to is gone',
};

export function persistentVolumeClaimHealth(object: KubernetesObject): Health {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return healthy('it is bound');
  if (phase === undefined) return progressing('NotBound', 'it has no phase yet');
  return progressing(phase === 'Lost' ? 'Lost' : 'NotBound', hints[phase] ?? `its phase is ${phase}`);
}
