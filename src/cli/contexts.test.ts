import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseTarget, normalUrl } from './connection';
import { configFile, readContexts, writeContext, writeContexts } from './contexts';

describe('contexts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-contexts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const place = () => ({ env: { FLOTILLA_HOME: path.join(folder, 'home') }, home: folder });
  const one = { name: 'one', url: 'https://one.example.com', token: 'flt_1', makeCurrent: true };

  it('lie where the environment says', () => {
    expect(configFile({ env: {}, home: '/h' })).toBe('/h/.config/flotilla/config.yaml');
    expect(configFile({ env: { XDG_CONFIG_HOME: '/x' }, home: '/h' })).toBe('/x/flotilla/config.yaml');
    expect(configFile({ env: { XDG_CONFIG_HOME: '/x', FLOTILLA_HOME: '/f' }, home: '/h' })).toBe('/f/config.yaml');
  });

  it('are written for their owner alone, and nothing else is left behind', () => {
    const file = writeContext(one, place());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(['config.yaml']);
    expect(readContexts(place())).toEqual({
      current: 'one',
      contexts: { one: { url: 'https://one.example.com', token: 'flt_1' } },
    });
  });

  it('become current when they are to, or when there is no other', () => {
    writeContext({ ...one, makeCurrent: false }, place());
    expect(readContexts(place()).current).toBe('one');
    writeContext({ ...one, name: 'two', makeCurrent: false, ca: 'PEM' }, place());
    expect(readContexts(place())).toMatchObject({ current: 'one', contexts: { two: { ca: 'PEM' } } });
    writeContext({ ...one, name: 'two', makeCurrent: true }, place());
    expect(readContexts(place()).current).toBe('two');
  });

  it('have a file that may be broken, which is said without showing it', () => {
    mkdirSync(path.join(folder, 'home'));
    const file = configFile(place());
    writeFileSync(file, 'contexts: {a: {url: x, token: flt_secret');
    expect(() => readContexts(place())).toThrow(/is no valid YAML/);
    expect(() => readContexts(place())).not.toThrow(/flt_secret/);
    writeFileSync(file, 'contexts: {a: {url: x}}');
    expect(() => readContexts(place())).toThrow(/contexts\.a/);
    writeFileSync(file, '');
    expect(readContexts(place())).toEqual({ contexts: {} });
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('have names that fit', () => {
    expect(() => writeContext({ ...one, name: '../x' }, place())).toThrow(/is no name/);
  });

  it('are removed by writing the rest', () => {
    writeContext(one, place());
    writeContexts({ contexts: {} }, place());
    expect(readContexts(place())).toEqual({ contexts: {} });
  });
});

describe('the hub that a command speaks to', () => {
  const contexts = {
    current: 'one',
    contexts: { one: { url: 'https://one', token: 't1' }, two: { url: 'https://two/', token: 't2', ca: 'PEM' } },
  };
  const choose = (flags: object, env: Record<string, string> = {}) => chooseTarget(flags, env, () => contexts);

  it.each([
    ['the current context', {}, {}, { url: 'https://one', token: 't1', context: 'one' }],
    ['a named context', { context: 'two' }, {}, { url: 'https://two', token: 't2', ca: 'PEM', context: 'two' }],
    ['the context of the environment', {}, { FLOTILLA_CONTEXT: 'two' }, { context: 'two', token: 't2' }],
    [
      'the environment',
      {},
      { FLOTILLA_URL: 'https://three', FLOTILLA_TOKEN: 't3' },
      { url: 'https://three', token: 't3' },
    ],
    [
      'a flag before the environment',
      { context: 'one' },
      { FLOTILLA_URL: 'https://three', FLOTILLA_TOKEN: 't3' },
      { token: 't1' },
    ],
    ['another token for the current one', {}, { FLOTILLA_TOKEN: 't9' }, { url: 'https://one', token: 't9' }],
    ['an address that is known', { url: 'https://two' }, {}, { url: 'https://two', token: 't2' }],
  ])('is %s', (_, flags, env, expected) => {
    expect(choose(flags, env)).toMatchObject(expected);
  });

  it('gets no token that was stored for another', () => {
    expect(() => choose({ url: 'https://elsewhere' })).toThrow(/no token for https:\/\/elsewhere/);
  });

  it('must be said', () => {
    expect(() => chooseTarget({}, {}, () => ({ contexts: {} }))).toThrow(/not logged in/);
    expect(() => choose({ context: 'thre' })).toThrow(/no context "thre"/);
    expect(() => choose({ context: 'one', url: 'https://one' })).toThrow(/--url and --context/);
  });

  it.each([
    ['https://hub.example.com/', 'https://hub.example.com'],
    ['hub.example.com', 'https://hub.example.com'],
    ['http://127.0.0.1:8420', 'http://127.0.0.1:8420'],
    ['https://example.com/hub/', 'https://example.com/hub'],
  ])('has an address: %s', (text, url) => expect(normalUrl(text)).toBe(url));

  it.each(['ftp://x', 'https://u:p@x', 'https://x?y', 'https://'])('has no address such as %s', (text) => {
    expect(() => normalUrl(text)).toThrow();
  });
});
