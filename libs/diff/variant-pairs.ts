/** Of two releases: variants by the values that they were rendered with; null where the other release has none of these. */
export interface VariantPair<T> {
  from: T | null;
  to: T | null;
}

export interface PairedVariants<T> {
  pairs: { from: T; to: T }[];
  /** Variants of either release that nothing can be compared with. */
  unpaired: number;
}

/**
 * Finds a counterpart for variants whose values changed between two releases (a parameter came or went): where the other
 * release has one variant only, that is it.
 */
export function pairVariants<T>(found: readonly VariantPair<T>[]): PairedVariants<T> {
  const only = (values: (T | null)[]): T | undefined => {
    const distinct = new Set(values.filter((value) => value !== null));
    return distinct.size === 1 ? [...distinct][0] : undefined;
  };
  const [onlyFrom, onlyTo] = [only(found.map(({ from }) => from)), only(found.map(({ to }) => to))];
  const result: PairedVariants<T> = { pairs: [], unpaired: 0 };
  const known = new Set<string>();
  for (const { from, to } of found) {
    const pair = { from: from ?? onlyFrom, to: to ?? onlyTo };
    if (pair.from === undefined || pair.to === undefined) {
      result.unpaired += 1;
      continue;
    }
    const key = JSON.stringify(pair);
    if (!known.has(key)) result.pairs.push({ from: pair.from, to: pair.to });
    known.add(key);
  }
  return result;
}
