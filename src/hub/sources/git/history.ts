import type { CommitSummary } from './object-stores';
import type { ObjectReader } from './objects';

const maxCommits = 10_000;

/** `unknown` where the history that is here ends, by its shallow border or by the bound of 10,000 commits. */
export type Ancestry = 'ancestor' | 'notAncestor' | 'unknown';

/** Whether the commit `ancestor` is `from` or one that it grew out of. */
export async function ancestryOf(
  reader: ObjectReader,
  gitdir: string,
  ancestor: string,
  from: CommitSummary,
): Promise<Ancestry> {
  if (from.commit === ancestor) return 'ancestor';
  const seen = new Set<string>();
  const queue = [...from.parents];
  let cut = false;
  for (let at = 0; at < queue.length; at += 1) {
    const oid = queue[at]!;
    if (oid === ancestor) return 'ancestor';
    if (seen.has(oid)) continue;
    if (seen.size >= maxCommits) return 'unknown';
    seen.add(oid);
    const commit = await reader.commit(gitdir, oid);
    if (commit === undefined) cut = true;
    else queue.push(...commit.parents);
  }
  return cut ? 'unknown' : 'notAncestor';
}
