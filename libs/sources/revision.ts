/** Which commit a source follows: written by the user as a revision, resolved against the refs of the repository. */
import picomatch from 'picomatch';
import semver from 'semver';
import { z } from 'zod';
import { closestNames } from './closest';
import { compareTagVersions, versionOfTag } from './tag-version';

const maxNameLength = 200;
const sha = /^[0-9a-f]{40}$/;

const branchName = z
  .string()
  .min(1)
  .max(maxNameLength)
  .refine(isRefName, 'branch is no valid name of a branch: write it as `git branch` shows it, such as main');
const tagPattern = z
  .string()
  .min(1)
  .max(maxNameLength)

  .refine((text) => !/[\u0000-\u0020\u007f~^:\\]/.test(text), 'tag is a name or a glob, such as release-*');
const semverRange = z
  .string()
  .min(1)
  .max(maxNameLength)
  .refine((text) => semver.validRange(text) !== null, 'semver is no range: write one such as ">=1.2 <2" or "1.x"');
const commitSha = z
  .string()
  .toLowerCase()
  .regex(sha, 'commit has the full 40 hexadecimal digits: copy them from `git rev-parse`');

/** Exactly one of `branch`, `tag` (a glob), `semver` (a range over tags such as v1.2.3) and `commit` (40 digits). */
export const revisionSpec = z.union(
  [
    z.strictObject({ branch: branchName }),
    z.strictObject({ tag: tagPattern }),
    z.strictObject({ semver: semverRange }),
    z.strictObject({ commit: commitSha }),
  ],
  { error: (issue) => explain(issue as { input?: unknown; errors?: { message: string }[][] }) },
);
export type RevisionSpec = z.infer<typeof revisionSpec>;

const keys = ['branch', 'tag', 'semver', 'commit'] as const;

function explain(issue: { input?: unknown; errors?: { message: string }[][] }): string {
  const given = typeof issue.input === 'object' && issue.input !== null ? Object.keys(issue.input) : [];
  const index = keys.findIndex((key) => key === given[0]);
  const nested = given.length === 1 && index >= 0 ? issue.errors?.[index]?.[0]?.message : undefined;
  return nested ?? 'give exactly one of branch, tag, semver and commit';
}

/** A ref as the repository shows it. `peeled` is the commit behind an annotated tag, where it is known. */
export interface GitRef {
  /** In full: `refs/heads/main`, `refs/tags/v1.0.0`. */
  name: string;
  oid: string;
  peeled?: string;
}

export type RevisionOutcome =
  | {
      ok: true;
      /** The commit; for an annotated tag whose ref had no `peeled`, the tag object that leads to it. */
      commit: string;
      /** For people: the branch, the tag, or the first 12 digits. */
      name: string;
      /** The ref that it came from; none for a commit. */
      ref?: GitRef;
    }
  | { ok: false; message: string; remedy: string };

/** The prefixes of the refs that a revision can be resolved from; none for a commit. */
export function refPrefixesOf(spec: RevisionSpec): string[] {
  if ('branch' in spec) return ['refs/heads/'];
  return 'commit' in spec ? [] : ['refs/tags/'];
}

export function resolveRevision(spec: RevisionSpec, refs: readonly GitRef[]): RevisionOutcome {
  if ('commit' in spec) return { ok: true, commit: spec.commit, name: spec.commit.slice(0, 12) };
  if ('branch' in spec) return resolveBranch(spec.branch, named(refs, 'refs/heads/'));
  if ('tag' in spec) return resolveTag(spec.tag, named(refs, 'refs/tags/'));
  return resolveSemver(spec.semver, named(refs, 'refs/tags/'));
}

interface Named {
  name: string;
  ref: GitRef;
}

function named(refs: readonly GitRef[], prefix: string): Named[] {
  return refs.filter((ref) => ref.name.startsWith(prefix)).map((ref) => ({ name: ref.name.slice(prefix.length), ref }));
}

function found({ name, ref }: Named): RevisionOutcome {
  return { ok: true, commit: ref.peeled ?? ref.oid, name, ref };
}

function resolveBranch(branch: string, branches: Named[]): RevisionOutcome {
  const match = branches.find(({ name }) => name === branch);
  if (match !== undefined) return found(match);
  return missing(`the repository has no branch "${branch}"`, branches, branch, 'branch', 'revision.branch');
}

function resolveTag(pattern: string, tags: Named[]): RevisionOutcome {
  const matches = picomatch(pattern, { dot: true, noextglob: true, nonegate: true });
  const newest = tags
    .filter(({ name }) => name === pattern || matches(name))
    .sort((a, b) => compareTagVersions(b.name, a.name))[0];
  if (newest !== undefined) return found(newest);
  return missing(`no tag matches "${pattern}"`, tags, pattern, 'tag', 'revision.tag');
}

function resolveSemver(range: string, tags: Named[]): RevisionOutcome {
  const versions = tags.flatMap((tag) => {
    const version = versionOfTag(tag.name);
    return version === undefined ? [] : [{ ...tag, version }];
  });
  versions.sort((a, b) => semver.compareBuild(b.version, a.version) || (a.name < b.name ? 1 : -1));
  const best = versions.find(({ version }) => semver.satisfies(version, range));
  if (best !== undefined) return found(best);
  if (versions.length === 0) {
    return {
      ok: false,
      message: `no tag is a semantic version, so none satisfies "${range}"`,
      remedy: 'tag a commit with a version such as v1.2.3, or follow a branch',
    };
  }
  const shown = versions.slice(0, 3).map(({ name }) => name);
  return {
    ok: false,
    message: `no tag satisfies "${range}"; the highest versions are ${shown.join(', ')}`,
    remedy: versions.some(({ version }) => semver.satisfies(version, range, { includePrerelease: true }))
      ? 'only prereleases fit: name them in the range (such as ">=1.2.0-0") or tag a release'
      : 'widen revision.semver or tag a version that satisfies it',
  };
}

function missing(message: string, candidates: Named[], wanted: string, word: string, field: string): RevisionOutcome {
  if (candidates.length === 0) {
    return {
      ok: false,
      message: `${message}; it has no ${word} at all`,
      remedy: `push a ${word}, or check that the address names the right repository`,
    };
  }
  const close = closestNames(
    wanted,
    candidates.map(({ name }) => name),
    3,
  );
  return {
    ok: false,
    message: `${message}; the closest: ${close.join(', ')}`,
    remedy: `correct ${field}, or push that ${word}; what was delivered before stays as it is`,
  };
}

/** The rules of `git check-ref-format`, and no leading dash. */
function isRefName(name: string): boolean {
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^[/-]|^@$/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
