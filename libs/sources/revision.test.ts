import { type GitRef, resolveRevision, revisionSpec } from './revision';

const oid = (n: number): string => n.toString(16).padStart(40, '0');
const tags = (...names: string[]): GitRef[] => names.map((name, i) => ({ name: `refs/tags/${name}`, oid: oid(i + 1) }));
const nameOf = (spec: Parameters<typeof resolveRevision>[0], refs: GitRef[]): string => {
  const outcome = resolveRevision(spec, refs);
  return outcome.ok ? outcome.name : outcome.message;
};

describe('a revision', () => {
  it('is exactly one of branch, tag, semver and commit', () => {
    for (const good of [{ branch: 'main' }, { tag: 'v*' }, { semver: '1.x' }, { commit: oid(1) }]) {
      expect(revisionSpec.safeParse(good).success).toBe(true);
    }
    for (const bad of [{}, { branch: 'main', tag: 'v*' }, { other: 1 }, 'main']) {
      expect(revisionSpec.safeParse(bad).error?.issues[0]?.message).toMatch(/exactly one of/);
    }
  });

  it.each([
    [{ semver: 'one' }, /no range/],
    [{ branch: '-x' }, /no valid name/],
    [{ branch: 'a..b' }, /no valid name/],
    [{ commit: 'abc' }, /40 hexadecimal/],
  ])('%j names what is wrong', (spec, message) => {
    expect(revisionSpec.safeParse(spec).error?.issues[0]?.message).toMatch(message);
  });

  it('takes capitals in a commit', () => {
    expect(revisionSpec.parse({ commit: 'A'.repeat(40) })).toEqual({ commit: 'a'.repeat(40) });
  });
});

describe('resolving', () => {
  it('finds a branch, and names the closest when it is gone', () => {
    const refs = [
      { name: 'refs/heads/main', oid: oid(1) },
      { name: 'refs/heads/feature/x', oid: oid(2) },
    ];
    expect(resolveRevision({ branch: 'main' }, refs)).toMatchObject({ ok: true, commit: oid(1), name: 'main' });
    expect(resolveRevision({ branch: 'mian' }, refs)).toMatchObject({
      ok: false,
      message: 'the repository has no branch "mian"; the closest: main, feature/x',
    });
    expect(resolveRevision({ branch: 'main' }, [])).toMatchObject({ ok: false, message: /no branch at all/ });
  });

  it('takes the newest tag of a pattern by version, then by name', () => {
    expect(nameOf({ tag: 'release-*' }, tags('release-9', 'release-10', 'other-11'))).toBe('release-10');
    expect(nameOf({ tag: 'v*' }, tags('v1.10.0', 'v1.9.0', 'v1.10.0-rc.1'))).toBe('v1.10.0');
    expect(nameOf({ tag: '*' }, tags('nightly', 'v0.1.0', 'build'))).toBe('v0.1.0');
    expect(nameOf({ tag: '*' }, tags('b', 'a'))).toBe('b');
    expect(nameOf({ tag: '2026-*' }, tags('2026-02-11', '2026-10-01', '2025-12-31'))).toBe('2026-10-01');
    expect(nameOf({ tag: 'deploy' }, tags('deploy'))).toBe('deploy');
    expect(nameOf({ tag: 'relase-*' }, tags('release-1'))).toMatch(/closest: release-1/);
  });

  it('peels annotated tags', () => {
    const refs = [{ name: 'refs/tags/v1.0.0', oid: oid(1), peeled: oid(2) }];
    expect(resolveRevision({ tag: 'v1.0.0' }, refs)).toMatchObject({ commit: oid(2) });
    expect(resolveRevision({ semver: '*' }, refs)).toMatchObject({ commit: oid(2) });
  });

  it('takes the highest version of a range, prereleases only when the range says so', () => {
    const refs = tags('v1.2.3', '1.10.0', 'v2.0.0-rc.1', 'v0.9', 'latest', 'v1.10.1-beta');
    expect(nameOf({ semver: '1.x' }, refs)).toBe('1.10.0');
    expect(nameOf({ semver: '>=1' }, refs)).toBe('1.10.0');
    expect(nameOf({ semver: '>=2.0.0-0' }, refs)).toBe('v2.0.0-rc.1');
    expect(nameOf({ semver: '>=3' }, refs)).toMatch(/highest versions are v2.0.0-rc.1, v1.10.1-beta, 1.10.0/);
    expect(resolveRevision({ semver: '2.x' }, refs)).toMatchObject({ ok: false, remedy: /only prereleases/ });
    expect(nameOf({ semver: '1.x' }, tags('latest'))).toMatch(/no tag is a semantic version/);
  });
});
