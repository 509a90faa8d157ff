import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '#test/harness/certificate';
import {
  type GitServer,
  type GitServerOptions,
  makeRepository,
  serveGit,
  type TestRepository,
} from '#test/harness/git';
import type { FetchOutcome, FetchRequest } from './port';
import { GitRepositoriesOnDisk } from './repositories';

jest.setTimeout(60_000);

const secret = 's3cr3t-t0ken';
let folder: string;
let origin: TestRepository;
let commit: string;
const servers: GitServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-https-'));
  origin = await makeRepository(join(folder, 'served', 'app'));
  commit = await origin.commit({ 'apps/web/a.yaml': 'a: 1' });
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function serve(options: GitServerOptions = {}): Promise<GitServer> {
  const server = await serveGit(join(folder, 'served'), options);
  servers.push(server);
  return server;
}

async function fetch(url: string, request: Partial<FetchRequest> = {}, insecure = true): Promise<FetchOutcome> {
  const dataFolder = await mkdtemp(join(folder, 'data-'));
  const repositories = new GitRepositoriesOnDisk({ dataFolder, allowLocalPaths: false, allowInsecureHttp: insecure });
  const outcome = await repositories.fetch({
    sourceId: 'app',
    url,
    revision: { branch: 'main' },
    timeoutMs: 10_000,
    ...request,
  });
  expect(JSON.stringify(outcome)).not.toContain(secret);
  return outcome;
}

describe('credentials over HTTPS', () => {
  const auth = { username: 'x-access-token', password: secret };

  it('open a repository', async () => {
    const { url } = await serve({ auth });
    expect(await fetch(`${url}/app`, { credentials: { kind: 'token', token: secret } })).toMatchObject({ commit });
    expect(await fetch(`${url}/app`, { credentials: { kind: 'basic', ...auth } })).toMatchObject({ commit });
  });

  it('are asked for, or refused, by name', async () => {
    const { url, requests } = await serve({ auth });
    expect(await fetch(`${url}/app`)).toMatchObject({ kind: 'failed', class: 'unauthorized', message: /asks for/ });
    expect(await fetch(`${url}/app`, { credentials: { kind: 'token', token: 'wrong' } })).toMatchObject({
      kind: 'failed',
      class: 'unauthorized',
      message: expect.stringMatching(/refused the credentials \(401\)/),
      remedy: expect.stringMatching(/renew/),
    });
    // One request each: a wrong password is not tried twice, which would lock accounts sooner.
    expect(requests).toHaveLength(2);
  });

  it('are not taken from the address, nor for SSH', async () => {
    const { url } = await serve();
    const withSecret = url.replace('http://', `http://user:${secret}@`);
    expect(await fetch(`${withSecret}/app`)).toMatchObject({ kind: 'failed', class: 'invalid' });
    expect(await fetch(`${url}/app`, { credentials: { kind: 'ssh', privateKey: secret } })).toMatchObject({
      kind: 'failed',
      class: 'unauthorized',
      message: expect.stringMatching(/for SSH/),
    });
  });

  it('stay with the origin that they are for when it redirects', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve({
      intercept: (request) => {
        seen.push(request.headers.authorization);
        return false;
      },
    });
    const first = await serve({
      auth,
      intercept: (request, response) => {
        response.writeHead(301, { location: `${other.url}${request.url}` }).end();
        return true;
      },
    });
    expect(await fetch(`${first.url}/app`, { credentials: { kind: 'token', token: secret } })).toMatchObject({
      commit,
    });
    expect(first.requests).toHaveLength(1);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every((header) => header === undefined)).toBe(true);
  });
});

describe('an address over HTTP', () => {
  it('is refused when it is not secure, unless that is allowed', async () => {
    const { url, requests } = await serve();
    expect(await fetch(`${url}/app`, {}, false)).toMatchObject({ kind: 'failed', class: 'invalid', message: /http:/ });
    expect(await fetch(origin.folder)).toMatchObject({ kind: 'failed', class: 'invalid', message: /no local paths/ });
    expect(requests).toHaveLength(0);
  });

  it('that leads in circles, or to a page, is no repository', async () => {
    const circle = await serve({
      intercept: (request, response) => {
        response.writeHead(302, { location: request.url }).end();
        return true;
      },
    });
    expect(await fetch(`${circle.url}/app`)).toMatchObject({ kind: 'failed', message: /more than 5 times/ });
    expect(circle.requests).toHaveLength(6);
    const login = await serve({
      intercept: (_request, response) => {
        response.writeHead(302, { location: '/login' }).end();
        return true;
      },
    });
    expect(await fetch(`${login.url}/app`)).toMatchObject({ kind: 'failed', class: 'notFound' });
    const page = await serve({
      intercept: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
        return true;
      },
    });
    expect(await fetch(`${page.url}/app`)).toMatchObject({ kind: 'failed', class: 'notFound', message: /page/ });
  });

  it('that nobody listens at is unreachable', async () => {
    const { url, close } = await serve();
    await close();
    expect(await fetch(`${url}/app`)).toMatchObject({
      kind: 'failed',
      class: 'unreachable',
      message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
    });
    servers.length = 0;
  });

  it('that answers with an error or with garbage is unreachable', async () => {
    const broken = await serve({
      intercept: (_request, response) => {
        response.writeHead(503).end('maintenance');
        return true;
      },
    });
    expect(await fetch(`${broken.url}/app`)).toMatchObject({ kind: 'failed', class: 'unreachable', message: /503/ });
    const garbage = await serve({
      intercept: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end('00zz garbage');
        return true;
      },
    });
    expect(await fetch(`${garbage.url}/app`)).toMatchObject({ kind: 'failed', class: 'unreachable' });
  });

  it('that does not answer in time has timed out', async () => {
    const silent = await serve({ intercept: () => true });
    expect(await fetch(`${silent.url}/app`, { timeoutMs: 200 })).toMatchObject({ kind: 'failed', class: 'timeout' });
  });

  it('that sends more than the limit is cut off', async () => {
    const big = await makeRepository(join(folder, 'served', 'big'));
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 0xff));
    await big.commit({ 'big.bin': noise });
    const { url } = await serve();
    const limited = await fetch(`${url}/big`, { limits: { maxPackBytes: 500 } });
    expect(limited).toMatchObject({
      kind: 'failed',
      class: 'tooLarge',
      remedy: expect.stringMatching(/maxPackMebibytes/),
    });
    expect(await fetch(`${url}/big`)).toMatchObject({ kind: 'fetched' });
  });
});

describe('a certificate of a private authority', () => {
  it('is trusted when the authority is given', async () => {
    const { key, cert } = await selfSigned('IP:127.0.0.1');
    const { url } = await serve({ tls: { key, cert } });
    expect(await fetch(`${url}/app`, {}, false)).toMatchObject({
      kind: 'failed',
      class: 'unreachable',
      remedy: expect.stringMatching(/caCertificate/),
    });
    expect(await fetch(`${url}/app`, { caCertificate: cert }, false)).toMatchObject({ kind: 'fetched', commit });
  });
});
