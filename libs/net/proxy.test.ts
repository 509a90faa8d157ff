import { proxyFor, proxySettings, type ProxyWish } from './proxy';

function chosen(url: string, wish: ProxyWish, env: Record<string, string> = {}): string | undefined {
  const outcome = proxySettings(wish, env);
  if (!outcome.ok) throw new Error(outcome.message);
  return proxyFor(outcome.settings, new URL(url));
}

describe('the proxy of a request', () => {
  const env = { HTTPS_PROXY: 'http://secure:3128', http_proxy: 'http://plain:3128', NO_PROXY: 'internal.test' };

  it('is that of the variables, by the scheme of the address', () => {
    expect(chosen('https://git.test/x', {}, env)).toBe('http://secure:3128');
    expect(chosen('http://git.test/x', {}, env)).toBe('http://plain:3128');
    expect(chosen('https://internal.test/x', {}, env)).toBeUndefined();
    expect(chosen('https://git.test/x', {}, { ALL_PROXY: 'http://all:1' })).toBe('http://all:1');
    expect(chosen('https://git.test/x', {}, { HTTPS_PROXY: '' })).toBeUndefined();
  });

  it('is the one that was said, or none', () => {
    expect(chosen('http://git.test/x', { proxy: 'http://own:1' }, env)).toBe('http://own:1');
    expect(chosen('https://git.test/x', { proxy: 'none' }, env)).toBeUndefined();
    expect(chosen('https://a.test/x', { noProxy: ['a.test'] }, env)).toBeUndefined();
  });

  it.each([
    ['git.test', 'https://git.test', true],
    ['git.test', 'https://sub.git.test', true],
    ['.git.test', 'https://git.test', true],
    ['*.git.test', 'https://sub.git.test', true],
    ['git.test', 'https://widgit.test', false],
    ['GIT.test', 'https://git.test.', true],
    ['git.test:8443', 'https://git.test:8443', true],
    ['git.test:8443', 'https://git.test', false],
    ['git.test:443', 'https://git.test', true],
    ['*', 'https://anything.test', true],
    ['10.0.0.0/8', 'https://10.200.3.4', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['192.168.1.0/24', 'https://192.168.1.77:6443', true],
    ['0.0.0.0/0', 'https://8.8.8.8', true],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['fd00::1', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
  ])('NO_PROXY=%s and %s', (entry, url, isBypassed) => {
    expect(chosen(url, { proxy: 'http://p:1' }, { NO_PROXY: `other.test, ${entry}` }) === undefined).toBe(isBypassed);
  });

  it.each(['http://localhost:8420', 'http://127.0.0.1:8420', 'https://[::1]:1'])('is never used for %s', (url) => {
    expect(chosen(url, { proxy: 'http://p:1' })).toBeUndefined();
  });

  it.each(['proxy', 'socks5://u:hunter2@p:1', 'p:3128'])('is refused when it is %s, and not shown', (proxy) => {
    const outcome = proxySettings({ proxy }, {});
    expect(outcome).toMatchObject({ ok: false, message: expect.stringMatching(/http:\/\/host:port/) });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });
});
