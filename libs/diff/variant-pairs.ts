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
  const pairs = new Map<string, { from: T; to: T }>();
  for (const variant of found) {
    const [from, to] = [variant.from ?? onlyFrom, variant.to ?? onlyTo];
    if (from !== undefined && to !== undefined) pairs.set(JSON.stringify([from, to]), { from, to });
  }
  const compared = [...pairs.values()];
  const [froms, tos] = [new Set(compared.map(({ from }) => from)), new Set(compared.map(({ to }) => to))];
  const isUnpaired = ({ from, to }: VariantPair<T>) =>
    (from === null || !froms.has(from)) && (to === null || !tos.has(to));
  return { pairs: compared, unpaired: found.filter(isUnpaired).length };
}
