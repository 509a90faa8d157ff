/** `<topic>/<partition>` → an offset. */
export type Offsets = ReadonlyMap<string, bigint>;

/** What the log had taken at a moment that the hub has not caught up with yet. */
export interface Ahead {
  at: Date;
  ends: Offsets;
}

export interface Sight {
  /** Everything that was taken until then is known; undefined: nothing new to say. */
  seenUntil?: Date;
  /** To be asked about next time. */
  ahead?: Ahead;
}

/**
 * Up to when all that the log took is known. A hub under load is always a little behind the end: so what counts is when it
 * has passed an end that was noted before.
 * @param folded the next offset of each partition, read after `now.ends`
 */
export function look(ahead: Ahead | undefined, now: Ahead, folded: Offsets): Sight {
  if (covers(folded, now.ends)) return { seenUntil: now.at };
  if (ahead === undefined) return { ahead: now };
  return covers(folded, ahead.ends) ? { seenUntil: ahead.at, ahead: now } : { ahead };
}

function covers(folded: Offsets, ends: Offsets): boolean {
  return [...ends].every(([partition, end]) => end === 0n || (folded.get(partition) ?? 0n) >= end);
}
