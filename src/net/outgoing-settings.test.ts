import { outgoingOf } from './outgoing-settings';

const files: Record<string, string> = { '/ca.pem': '-----BEGIN CERTIFICATE-----\n', '/ca.der': 'binary' };
const readFile = (path: string): string => {
  const content = files[path];
  if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
  return content;
};

describe('how others are reached', () => {
  it('is taken from what was said and from the variables', () => {
    expect(outgoingOf({}, {}, readFile).ok).toBe(true);
    expect(outgoingOf({ extraCaFile: '/ca.pem', proxy: 'http://p:1' }, {}, readFile).ok).toBe(true);
  });

  it.each([
    [{ extraCaFile: '/none.pem' }, {}, '/none.pem cannot be read (ENOENT)'],
    [{ extraCaFile: '/ca.der' }, {}, 'no certificate in PEM'],
    [{}, { HTTPS_PROXY: 'socks5://p:1' }, 'HTTPS_PROXY begins with socks5://'],
    [{ proxy: 'p:1' }, {}, 'the proxy'],
  ])('is refused for %j and %j', (wish, env, said) => {
    expect(outgoingOf(wish, env, readFile)).toMatchObject({ ok: false, message: expect.stringContaining(said) });
  });
});
