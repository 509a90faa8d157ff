/** The smallest of the values that this part of them does not exceed (nearest rank). @param part in (0, 1] */
export function percentile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('a percentile of no values');
  if (!(part > 0 && part <= 1)) throw new RangeError(`${part} is not in (0, 1]`);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1]!;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** To so many digits after the point: a figure claims no more than it knows. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
