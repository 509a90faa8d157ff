/** An object on a cluster belongs to one application: the one that had it first. */
export interface Claimant {
  application: string;
  name: string;
  /** Keys of the objects of what is assigned. */
  wanted: readonly string[];
  /** What the root carries now, and so what the application already holds: nobody else may take it. */
  carried: readonly string[];
  /** Orders those who come at the same time: milliseconds of the authorisation, then the id. */
  since: number;
}

export interface Refusal {
  application: string;
  object: string;
  /** Name of the application that holds it. */
  holder: string;
}

/**
 * Which applications must stay with what they carry, since they claim an object that another holds. What is carried and
 * still wanted is held first; among newcomers the earlier authorisation wins. Who is refused keeps all that it carries,
 * which may refuse others: hence the rounds, each of which refuses one more at least.
 */
export function refusedClaims(claimants: readonly Claimant[]): Refusal[] {
  const inOrder = [...claimants].sort((a, b) => a.since - b.since || (a.application < b.application ? -1 : 1));
  const refusals = new Map<string, Refusal>();
  for (let more = true; more;) {
    const found = newRefusals(inOrder, refusals);
    for (const refusal of found) refusals.set(refusal.application, refusal);
    more = found.length > 0;
  }
  return [...refusals.values()];
}

function newRefusals(inOrder: readonly Claimant[], refused: ReadonlyMap<string, Refusal>): Refusal[] {
  const claimOf = (claimant: Claimant) => (refused.has(claimant.application) ? claimant.carried : claimant.wanted);
  const holders = new Map<string, Claimant>();
  for (const claimant of inOrder) {
    // A release that drops an object gives it up to whoever asks for it in the same pass.
    const claim = new Set(claimOf(claimant));
    for (const key of claimant.carried) if (claim.has(key)) holders.set(key, claimant);
  }
  const found: Refusal[] = [];
  for (const claimant of inOrder) {
    if (refused.has(claimant.application)) continue;
    const taken = claimant.wanted.find((key) => (holders.get(key) ?? claimant) !== claimant);
    if (taken === undefined) for (const key of claimant.wanted) holders.set(key, claimant);
    else found.push({ application: claimant.application, object: taken, holder: holders.get(taken)!.name });
  }
  return found;
}
