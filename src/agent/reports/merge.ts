import type { TargetReport } from '#libs/protocol/report';
import type { AgentRuntime } from '../runtime';
import { type Draft, draftAgeMs } from './draft';

/**
 * Many drafts as one that folds to the same: for each target the newest, and nothing from before the newest snapshot.
 * It goes under the newest session and sequence, which nobody has seen with another content.
 */
export function mergeDrafts(drafts: readonly [Draft, ...Draft[]], runtime: AgentRuntime): Draft {
  const newest = drafts.at(-1)!;
  const start = Math.max(
    0,
    drafts.findLastIndex((draft) => draft.snapshot),
  );
  const targets = new Map<string, TargetReport>();
  for (const draft of drafts.slice(start)) {
    for (const target of draft.targets) {
      const key = `${target.scope}/${target.application}`;
      targets.delete(key);
      targets.set(key, { ...target, ageMs: target.ageMs + draftAgeMs(draft, runtime) });
    }
  }
  return {
    session: newest.session,
    sequence: newest.sequence,
    snapshot: drafts[start]!.snapshot,
    facts: drafts.findLast((draft) => draft.facts !== undefined)?.facts,
    targets: [...targets.values()],
    madeAt: runtime.now().toISOString(),
    madeAtMs: runtime.monotonicMs(),
  };
}
