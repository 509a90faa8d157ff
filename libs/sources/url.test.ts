import { parseRepositoryUrl, redactUrls, sameRepository } from './url';

describe('the address of a repository', () => {
  it.each([
    ['https://git.example.com/team/fleet.git', 'https'],
    ['ssh://git@git.example.com:2222/team/fleet', 'ssh'],
    ['git@git.example.com:team/fleet.git', 'ssh'],
    ['file:///srv/git/fleet.git', 'local'],
    ['/srv/git/fleet', 'local'],
    ['http://127.0.0.1:8080/fleet', 'http'],
  ])('%s is %s', (text, kind) => {
    expect(parseRepositoryUrl(text)).toMatchObject({ ok: true, repository: { kind } });
  });

  it.each([
    ['https://user:secret@git.example.com/x', /credentials/],
    ['https://ghp_secret@github.com/x/y', /credentials/],
    ['ssh://git:secret@host/x', /password/],
    ['git://host/x', /not supported/],
    ['ext::sh -c id', /not supported|no address/],
    ['ssh://-oProxyCommand=id/x', /not valid|no address/],
    ['-oProxyCommand=id@host:x', /no address/],
    ['repo', /no address/],
    ['', /1 to 2048/],
    ['https://host/x\n', /control/],
  ])('%s is refused and no secret is repeated', (text, message) => {
    const outcome = parseRepositoryUrl(text);
    expect(outcome).toMatchObject({ ok: false, message: expect.stringMatching(message) });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it.each([
    ['https://GitHub.com/Org/Repo.git', 'git@github.com:org/repo', true],
    ['https://github.com/org/repo/', 'ssh://git@github.com:22/org/repo.git', true],
    ['https://token@git.example.com:443/a/b', 'https://git.example.com/a/b.git', true],
    ['https://git.example.com/a/b', 'https://git.example.com/A/b', false],
    ['https://git.example.com:8443/a/b', 'https://git.example.com/a/b', false],
    ['/srv/git/x.git', 'file:///srv/git/x', true],
    ['git@host:a/b', 'git@host:a/c', false],
    ['nonsense', 'nonsense', false],
  ])('%s and %s: the same repository is %s', (a, b, same) => {
    expect(sameRepository(a, b)).toBe(same);
    expect(sameRepository(b, a)).toBe(same);
  });

  it('shows no user information', () => {
    expect(redactUrls('fatal: https://u:p@ss@host/x and ssh://git@h/y')).toBe('fatal: https://host/x and ssh://h/y');
  });
});
