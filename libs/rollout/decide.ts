import type { Digest } from '#libs/protocol/digest';

/**
 * What may go out now. `decide` is a pure function of what is wanted, what is authorised and what is known; the hub
 * carries its answer out in the transaction in which it read the question.
 */
export interface TargetFacts {
  cluster: string;
  placed: boolean;
  /** `pending`: lost its placement, and nobody has said yet what should become of it. */
  removal: 'pending' | 'delete' | 'orphan' | null;
  /** The newest release's variant for this target; undefined while it could not be rendered. */
  wanted?: { release: number; bundle: Digest };
  /** Why there is none. */
  problem?: string;
  assigned?: { bundle: Digest | null; removal: 'delete' | 'orphan' | null };
  /** The assigned bundle is applied, healthy, and reported since it was authorised. */
  good: boolean;
  cordoned: boolean;
  /** The cluster is leaving the fleet with its workloads: the cordon no longer counts, only removals go out. */
  deregistering: boolean;
  /** Name of a hold in force over this target. */
  heldBy?: string;
}

export type Authorisation =
  | { kind: 'deliver'; cluster: string; release: number; bundle: Digest }
  | { kind: 'remove'; cluster: string; mode: 'delete' | 'orphan' };

export type BlockerKind = 'held' | 'cordoned' | 'pendingRemoval' | 'problem' | 'deregistering';

export interface Blocker {
  cluster: string;
  kind: BlockerKind;
  message: string;
}

export interface Decision {
  authorise: Authorisation[];
  blocked: Blocker[];
  /** Everything that is placed runs what is wanted, and well. */
  completed: boolean;
}

export function decide(targets: readonly TargetFacts[]): Decision {
  const decision: Decision = { authorise: [], blocked: [], completed: true };
  for (const target of targets) {
    const step = nextStep(target);
    if (step === undefined) {
      if (target.placed && !target.good) decision.completed = false;
      continue;
    }
    decision.completed = false;
    if ('message' in step) decision.blocked.push(step);
    else decision.authorise.push(step);
  }
  return decision;
}

function nextStep(target: TargetFacts): Authorisation | Blocker | undefined {
  const step = wantedStep(target);
  if (step === undefined || 'message' in step) return step;
  const blocked = (kind: BlockerKind, message: string): Blocker => ({ cluster: target.cluster, kind, message });
  if (target.heldBy !== undefined)
    return blocked('held', `held by ${target.heldBy}; \`flotilla resume\` lets it go on`);
  if (target.deregistering && step.kind === 'deliver')
    return blocked('deregistering', 'the cluster is leaving the fleet');
  if (target.cordoned && !target.deregistering) return blocked('cordoned', 'the cluster is cordoned');
  return step;
}

function wantedStep(target: TargetFacts): Authorisation | Blocker | undefined {
  const { cluster, assigned, removal, wanted } = target;
  if (removal === 'delete' || removal === 'orphan') {
    if (assigned === undefined || (assigned.bundle === null && assigned.removal === removal)) return undefined;
    return { kind: 'remove', cluster, mode: removal };
  }
  if (!target.placed) {
    return removal === 'pending'
      ? { cluster, kind: 'pendingRemoval', message: 'no longer placed here; confirm its removal, or place it again' }
      : undefined;
  }
  if (wanted === undefined) return { cluster, kind: 'problem', message: target.problem ?? 'not rendered yet' };
  if (assigned?.bundle === wanted.bundle) return undefined;
  return { kind: 'deliver', cluster, ...wanted };
}
