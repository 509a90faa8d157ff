import { assertNever } from '#libs/assert-never';

export const targetStates = ['unknown', 'failed', 'drifted', 'progressing', 'inSync'] as const;
export type TargetState = (typeof targetStates)[number];

/** What is known of a target beside its state. */
export interface TargetKnowledge {
  /** When its cluster was last heard; undefined: never. */
  heardAt?: Date;
  /** Why the newest release cannot be rendered for it. */
  problem?: string;
  /** Why its cluster's root does not carry what is assigned. */
  refused?: string;
  /** What keeps it from going on. */
  blocker?: string;
  removal?: 'pending' | 'delete' | 'orphan';
  /** What its agent says; only where it is about what is assigned. */
  told?: {
    phase: string;
    health: string;
    healthMessage: string;
    drifted: number;
    errors: readonly { object: string; message: string }[];
    driftNotes: readonly { object: string; message: string }[];
    pendingDeletions: number;
    objects: { total: number; applied: number };
  };
}

/** The one thing to know about a target in this state; undefined where there is nothing to say. */
export function describeTarget(state: TargetState, known: TargetKnowledge): string | undefined {
  const { told } = known;
  switch (state) {
    case 'unknown':
      return known.heardAt === undefined
        ? 'its agent was never heard'
        : `its agent was last heard at ${known.heardAt.toISOString()}`;
    case 'failed':
      return (
        known.problem ?? known.refused ?? noteOf(told?.errors) ?? (told?.healthMessage || 'failed without a reason')
      );
    case 'drifted':
      return `${counted(told?.drifted ?? 0, 'object')} drifted${withColon(noteOf(told?.driftNotes))}`;
    case 'progressing':
      return known.blocker ?? whatHappens(known);
    case 'inSync':
      if (known.blocker !== undefined) return known.blocker;
      return told !== undefined && told.pendingDeletions > 0 ? waitingDeletions(told.pendingDeletions) : undefined;
    default:
      return assertNever(state);
  }
}

function whatHappens({ removal, told }: TargetKnowledge): string {
  if (removal === 'delete' || removal === 'orphan') {
    if (told !== undefined && told.pendingDeletions > 0) return waitingDeletions(told.pendingDeletions);
    return noteOf(told?.errors) ?? (removal === 'delete' ? 'its objects are being removed' : 'it is being let go');
  }
  if (told === undefined) return 'its agent has not told of what is assigned yet';
  if (told.phase === 'held') return 'its agent holds still for a halt';
  if (told.phase !== 'applied') return `${told.objects.applied} of ${counted(told.objects.total, 'object')} applied`;
  return told.healthMessage === '' ? 'applied, and not healthy yet' : told.healthMessage;
}

function waitingDeletions(count: number): string {
  return `the deletion of ${counted(count, 'object')} waits for an approval`;
}

function noteOf(notes: readonly { object: string; message: string }[] = []): string | undefined {
  const first = notes[0];
  if (first === undefined) return undefined;
  return first.object === '' ? first.message : `${first.object}: ${first.message}`;
}

function withColon(text: string | undefined): string {
  return text === undefined ? '' : `: ${text}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
