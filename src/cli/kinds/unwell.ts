import { groupBy } from '#libs/collections';
import type { Target } from '../client/types';

/** Targets of one application that are in one state for one reason: one line, however many they are. */
export interface Unwell {
  application: string;
  clusters: string[];
  state: Target['state'];
  message: string | undefined;
}

const namedAtMost = 3;

/** In the order of the targets. */
export function unwellOf(targets: readonly Target[]): Unwell[] {
  const groups = groupBy(targets, ({ application, state, message }) => JSON.stringify([application, state, message]));
  return [...groups.values()].flatMap((group): Unwell[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { application, state, message } = first;
    return [{ application, state, message, clusters: group.map(({ cluster }) => cluster) }];
  });
}

/** `fra-1`, `fra-1, fra-2 and 7 more`. */
export function clustersText(clusters: readonly string[]): string {
  if (clusters.length <= namedAtMost) return clusters.join(', ');
  const named = clusters.slice(0, namedAtMost - 1);
  return `${named.join(', ')} and ${clusters.length - named.length} more`;
}
