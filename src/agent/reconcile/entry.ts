import { waveOf } from '#libs/apply/wave';
import { referenceOf, type KubernetesObject } from '#libs/kubernetes/object';
import { pruneAnnotation, pruneDisabled } from '#libs/kubernetes/our-metadata';
import type { Entry } from '../inventory/format';
import type { DesiredObject } from '../sync/desired';

/** Before the first apply: that we may have made it is known, and nothing else yet. */
export function widenedEntry({ node }: DesiredObject): Entry {
  return { ...referenceOf(node.object), uid: '', digest: '' };
}

export function appliedEntry({ node, digest }: DesiredObject, live: KubernetesObject): Entry {
  const wave = waveOf(node.object);
  const keeps = node.object.metadata.annotations?.[pruneAnnotation] === pruneDisabled;
  return {
    ...referenceOf(node.object),
    uid: live.metadata.uid ?? '',
    digest,
    ...(typeof wave === 'number' && wave !== 0 ? { wave } : {}),
    ...(keeps ? { keep: true } : {}),
  };
}

export function isApplied(entry: Entry | undefined, { digest }: DesiredObject): boolean {
  return entry !== undefined && entry.uid !== '' && entry.digest === digest;
}
