import { closestNames } from '#libs/sources/closest';

const maxListed = 20;

/**
 * What to try instead of a name that is not known: `did you mean "region"?`, or the names that there are; empty when there
 * are too many to list and none is near.
 */
export function suggestion(wanted: string, known: readonly string[]): string {
  const nearest = closestNames(wanted, known, 1)[0];
  if (nearest !== undefined && looksLike(wanted.toLowerCase(), nearest.toLowerCase()))
    return `did you mean "${nearest}"?`;
  if (known.length === 0 || known.length > maxListed) return '';
  return `known here: ${[...known].sort().join(', ')}`;
}

/** The same letters, half of the pairs of letters in common, or one within the other. */
function looksLike(a: string, b: string): boolean {
  if (a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a))) return true;
  if ([...a].sort().join('') === [...b].sort().join('')) return true;
  const left = pairs(a);
  const right = pairs(b);
  const common = left.filter((pair) => right.includes(pair)).length;
  return common * 2 >= Math.max(left.length, right.length) && common > 0;
}

function pairs(text: string): string[] {
  const padded = `^${text}`;
  return Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2));
}
