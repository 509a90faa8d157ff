import { parseRepositoryPath, resolveLink } from './path';

describe('a path in a repository', () => {
  it.each([
    ['apps/web', ['apps', 'web']],
    ['./apps//web/', ['apps', 'web']],
    ['/apps', ['apps']],
    ['.', []],
    ['', []],
  ])('%j is %j', (path, segments) => {
    expect(parseRepositoryPath(path)).toEqual({ ok: true, segments });
  });

  it.each(['../x', 'a/../../b', 'a\\b', 'a\0b', 'x'.repeat(2000)])('%j is refused', (path) => {
    expect(parseRepositoryPath(path)).toMatchObject({ ok: false });
  });

  it('knows where a link leads, and when it leaves', () => {
    expect(resolveLink('a/b.yaml', 'c.yaml')).toBe('a/c.yaml');
    expect(resolveLink('a/b.yaml', '../c.yaml')).toBe('c.yaml');
    expect(resolveLink('a/b.yaml', '../../c.yaml')).toBeUndefined();
    expect(resolveLink('a/b.yaml', '../../a/c.yaml')).toBeUndefined();
    expect(resolveLink('b.yaml', '/etc/passwd')).toBeUndefined();
  });
});
