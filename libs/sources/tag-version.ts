/** The order of tags by the version that they name. */
import semver, { type SemVer } from 'semver';

/** The semantic version that a tag is, with or without one leading v: `v1.2.3`, `1.2.3-rc.1`. */
export function versionOfTag(tag: string): SemVer | undefined {
  return semver.parse(tag.replace(/^v(?=\d)/, '')) ?? undefined;
}

/**
 * A total order, oldest first: tags without a version, by their numbers and then text; then those whose name ends in
 * one (`release-1.10`, `api/v2.0.0-rc.1`), by version; at last by name.
 */
export function compareTagVersions(a: string, b: string): number {
  const left = trailingVersion(a);
  const right = trailingVersion(b);
  if (left !== undefined && right !== undefined) return semver.compareBuild(left, right) || compareText(a, b);
  if (left !== undefined || right !== undefined) return left === undefined ? -1 : 1;
  return compareNatural(a, b) || compareText(a, b);
}

/** From the first digit on; `1` and `1.10` count as 1.0.0 and 1.10.0. */
function trailingVersion(tag: string): SemVer | undefined {
  const parts = /^\D*(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:[-+][0-9A-Za-z.+-]+)?)$/.exec(tag);
  if (parts === null) return undefined;
  const [major, minor, patch] = [parts[1], parts[2], parts[3]].map((part) => (part ?? '0').replace(/^0+(?=\d)/, ''));
  return semver.parse(`${major}.${minor}.${patch}${parts[4] ?? ''}`) ?? undefined;
}

function compareNatural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const x = left[i]!;
    const y = right[i]!;
    const numeric = /^\d/.test(x) && /^\d/.test(y);
    const order = numeric ? compareNumbers(x, y) : compareText(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareNumbers(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
