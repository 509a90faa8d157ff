/** Repositories behind a proxy: the name of the server is known to the proxy alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proxySettings } from '#libs/net/proxy';
import { Outgoing } from '#src/net/outgoing';
import { selfSigned } from '#test/harness/certificate';
import { type GitServer, makeRepository, serveGit } from '#test/harness/git';
import { startProxy, type TestProxy } from '#test/harness/proxy';
import type { FetchOutcome } from './port';
import { GitRepositoriesOnDisk } from './repositories';

jest.setTimeout(60_000);

const auth = { username: 'fleet', password: 'hunter2' };
let folder: string;
let commit: string;
let certificate: { key: string; cert: string };
let secure: GitServer;
let plain: GitServer;
let proxy: TestProxy;
let whenAsked: (() => boolean) | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-proxy-'));
  const origin = await makeRepository(join(folder, 'served', 'app'));
  commit = await origin.commit({ 'a.yaml': 'a: 1' });
  certificate = await selfSigned('DNS:git.test');
  const intercept = (): boolean => whenAsked?.() ?? false;
  secure = await serveGit(join(folder, 'served'), { tls: certificate, intercept });
  plain = await serveGit(join(folder, 'served'));
});

beforeEach(async () => {
  whenAsked = undefined;
  const routes = { 'git.test:443': new URL(secure.url).host, 'git.test:80': new URL(plain.url).host };
  proxy = await startProxy({ routes, auth });
});

afterEach(() => proxy.close());

afterAll(async () => {
  await secure.close();
  await plain.close();
  await rm(folder, { recursive: true, force: true });
});

async function fetch(url: string, user = 'fleet:hunter2@', extraCa?: string): Promise<FetchOutcome> {
  const settings = proxySettings({}, { https_proxy: proxy.url.replace('//', `//${user}`), HTTP_PROXY: proxy.url });
  if (!settings.ok) throw new Error(settings.message);
  const outgoing = new Outgoing({ proxies: settings.settings, extraCa });
  const dataFolder = await mkdtemp(join(folder, 'data-'));
  const repositories = new GitRepositoriesOnDisk({
    dataFolder,
    allowLocalPaths: false,
    allowInsecureHttp: true,
    outgoing,
  });
  const revision = { branch: 'main' };
  const outcome = await repositories.fetch({ sourceId: 'app', url, revision, timeoutMs: 20_000 });
  await repositories.close();
  expect(JSON.stringify(outcome)).not.toContain(auth.password);
  return outcome;
}

describe('a repository behind a proxy', () => {
  it('is read through a tunnel, with the extra authority trusted', async () => {
    expect(await fetch('https://git.test/app', undefined, certificate.cert)).toMatchObject({ kind: 'fetched', commit });
    expect(new Set(proxy.requests)).toEqual(new Set(['CONNECT git.test:443']));
    expect(proxy.tunnelledBytes()).toBeGreaterThan(0);
    expect(await fetch('https://git.test/app')).toMatchObject({
      kind: 'failed',
      class: 'unreachable',
      message: expect.stringMatching(/certificate of git.test is not trusted/),
    });
  });

  it('is not reached where the proxy does not know us, and the proxy is named', async () => {
    expect(await fetch('https://git.test/app', '', certificate.cert)).toMatchObject({
      kind: 'failed',
      class: 'unreachable',
      message: expect.stringMatching(/proxy refused the way to git.test \(407\)/),
    });
    proxy.refuse(true);
    expect(await fetch('https://git.test/app', undefined, certificate.cert)).toMatchObject({ message: /proxy.*503/ });
  });

  it('is read over plain HTTP without a tunnel', async () => {
    await proxy.close();
    proxy = await startProxy({ routes: { 'git.test:80': new URL(plain.url).host } });
    expect(await fetch('http://git.test/app')).toMatchObject({ kind: 'fetched', commit });
    expect(proxy.requests.every((request) => / http:\/\/git\.test\/app\//.test(request))).toBe(true);
  });

  it('is unreachable while the tunnel is cut, and read after that', async () => {
    whenAsked = () => {
      proxy.cut();
      return true;
    };
    expect(await fetch('https://git.test/app', undefined, certificate.cert)).toMatchObject({ class: 'unreachable' });
    expect(proxy.openTunnels()).toBe(0);
    whenAsked = undefined;
    expect(await fetch('https://git.test/app', undefined, certificate.cert)).toMatchObject({ kind: 'fetched', commit });
  });
});
