import { referenceOf, type KubernetesObject, type ObjectReference } from '#libs/kubernetes/object';
import { isCustomResourceDefinition, isNamespace, kindRank } from './kind-order';
import { waveOf, type WaveError } from './wave';

/** Objects that may be applied at once, when all phases before it are done. */
export interface Phase {
  stage: 'namespaces' | 'definitions' | 'objects';
  /** 0 for namespaces and definitions, which come first whatever wave they say. */
  wave: number;
  /** By kind, namespace and name. */
  objects: KubernetesObject[];
  /** `established`: the next phase begins when every definition of this one has the condition Established. */
  waitFor: 'established' | 'none';
}

export type ApplyOrder = { ok: true; phases: Phase[] } | { ok: false; errors: WaveError[] };

/** More bad annotations than this are one mistake made many times. */
const maxErrors = 20;

/**
 * The order of a server-side apply: namespaces, then CustomResourceDefinitions, then wave by wave, and within a wave by
 * kind. The same objects give the same phases in whatever order they come.
 */
export function applyPhases(objects: readonly KubernetesObject[]): ApplyOrder {
  const errors: WaveError[] = [];
  const placed: (Place & { object: KubernetesObject })[] = [];
  for (const object of objects) {
    const wave = waveOf(object);
    if (typeof wave === 'object') errors.push(wave);
    else placed.push({ object, ...placeOf(referenceOf(object), wave) });
  }
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, maxErrors) };

  const phases: Phase[] = [];
  for (const places of grouped(placed)) {
    const { stage, wave } = places[0]!;
    const waitFor = stage === 'definitions' ? 'established' : 'none';
    phases.push({ stage, wave, objects: places.map((place) => place.object), waitFor });
  }
  return { ok: true, phases };
}

/** Enough of an object to say when it is deleted; `wave` is 0 where it is no longer known. */
export type Prunable = Pick<ObjectReference, 'group' | 'kind' | 'namespace' | 'name'> & { wave?: number };

/** The order of deletion, the reverse of applying: groups that may be deleted at once; definitions and namespaces last. */
export function pruneOrder<T extends Prunable>(entries: readonly T[]): T[][] {
  const placed = entries.map((entry) => ({ entry, ...placeOf(entry, entry.wave ?? 0) }));
  return grouped(placed)
    .map((places) => places.map((place) => place.entry))
    .reverse();
}

interface Place {
  stage: Phase['stage'];
  wave: number;
  rank: number;
  /** Kind, namespace and name: the order within a phase. */
  key: string;
}

const stageOrder: Readonly<Record<Phase['stage'], number>> = { namespaces: 0, definitions: 1, objects: 2 };

function placeOf(reference: Prunable, wave: number): Place {
  const key = [reference.kind, reference.group, reference.namespace, reference.name].join('\0');
  if (isNamespace(reference)) return { stage: 'namespaces', wave: 0, rank: 0, key };
  if (isCustomResourceDefinition(reference)) return { stage: 'definitions', wave: 0, rank: 0, key };
  return { stage: 'objects', wave, rank: kindRank(reference.group, reference.kind), key };
}

function grouped<T extends Place>(places: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const place of [...places].sort(compare)) {
    const group = groups.at(-1);
    if (group !== undefined && comparePhase(group[0]!, place) === 0) group.push(place);
    else groups.push([place]);
  }
  return groups;
}

function comparePhase(a: Place, b: Place): number {
  return stageOrder[a.stage] - stageOrder[b.stage] || a.wave - b.wave || a.rank - b.rank;
}

function compare(a: Place, b: Place): number {
  // By code units, not by locale: every machine must order alike.
  return comparePhase(a, b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
