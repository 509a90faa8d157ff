import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Digest } from '#libs/protocol/digest';
import { systemRuntime } from '../runtime';
import { TestRuntime } from '../testing/fixtures';
import { httpHub } from './http';
import type { HubClient, HubError, HubGateway } from './port';

type Answer = { status?: number; body?: unknown; raw?: Buffer; headers?: Record<string, string> } | 'never';

const cluster = '0b0b0b0b-0000-4000-8000-000000000001';
const hub = '0c0c0c0c-0000-4000-8000-000000000001';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const digest = 'a'.repeat(64) as Digest;

describe('the hub over HTTP', () => {
  let server: Server;
  let gateway: HubGateway;
  let client: HubClient;
  let runtime: TestRuntime;
  let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: unknown }[];
  let sockets: Set<unknown>;
  let answers: Record<string, (count: number) => Answer>;

  beforeEach(async () => {
    requests = [];
    sockets = new Set();
    answers = { '/agent/v1/token': (count) => ({ body: { token: `token-${count}`, expiresInSeconds: 600 } }) };
    server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    runtime = new TestRuntime();
    gateway = httpHub({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, runtime });
    client = gateway.as({ cluster, hub, privateKey });
  });
  afterEach(async () => {
    await gateway.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    sockets.add(request.socket);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = request.url ?? '';
    requests.push({
      method: request.method!,
      url,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    });
    const answer = answers[url]?.(requests.filter((other) => other.url === url).length) ?? { status: 404 };
    if (answer === 'never') return;
    const status = answer.status ?? 200;
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...answer.headers });
    response.end(answer.raw ?? JSON.stringify(answer.body ?? {}));
  }

  const node = `/agent/v1/nodes/${digest}`;

  it('proves itself by an assertion, and keeps the token and its connections', async () => {
    answers[node] = () => ({ body: { kind: 'object' } });
    await client.node(digest);
    await client.node(digest);
    expect(requests.map(({ url }) => url)).toEqual(['/agent/v1/token', node, node]);
    const { assertion } = requests[0]!.body as { assertion: string };
    await jwtVerify(assertion, publicKey, { issuer: cluster, subject: cluster, audience: hub });
    const { iat, exp, jti } = decodeJwt(assertion);
    expect(exp! - iat!).toBeLessThanOrEqual(120);
    expect(jti).toBeDefined();
    expect(decodeProtectedHeader(assertion)).toMatchObject({
      alg: 'EdDSA',
      kid: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(requests[1]!.headers.authorization).toBe('Bearer token-1');
    for (let count = 0; count < 10; count += 1) await client.node(digest);
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('renews the token before it expires, and at once when the hub does not take it', async () => {
    answers[node] = (count) => (count === 2 ? { status: 401, body: { title: 'expired' } } : { body: {} });
    await client.node(digest);
    await client.node(digest);
    runtime.offsetMs = 550_000;
    await client.node(digest);
    const tokens = requests.filter(({ url }) => url === node).map(({ headers }) => headers.authorization);
    expect(tokens).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
  });

  it('tries a refused token only once more', async () => {
    answers[node] = () => ({ status: 401, body: {} });
    await expect(client.node(digest)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(requests.filter(({ url }) => url === node)).toHaveLength(2);
  });

  it.each([
    [403, { type: 'https://flotilla.dev/problems/revoked' }, 'revoked'],
    [403, { type: 'https://flotilla.dev/problems/forbidden' }, 'protocol'],
    [410, { title: 'This was removed' }, 'deregistered'],
    [409, {}, 'superseded'],
    [429, {}, 'throttled'],
    [503, {}, 'unreachable'],
    [500, {}, 'unreachable'],
    [400, {}, 'protocol'],
  ])('takes %i %j for %s', async (status, body, kind) => {
    answers[node] = () => ({ status, body, headers: { 'retry-after': '7' } });
    await expect(client.node(digest)).rejects.toMatchObject({ kind, details: { status, retryAfterMs: 7_000 } });
  });

  it('stops for no 410 that is not of the hub', async () => {
    answers[node] = () => ({ status: 410, headers: { 'content-type': 'text/html' } });
    await expect(client.node(digest)).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('reads gzip', async () => {
    const raw = gzipSync(JSON.stringify({ hello: 'world' }));
    answers[node] = () => ({ raw, headers: { 'content-encoding': 'gzip' } });
    expect(await client.node(digest)).toEqual({ hello: 'world' });
  });

  it('refuses what is too large, also when it is small on the wire', async () => {
    const raw = gzipSync(Buffer.alloc(20 * 1024 * 1024, 32));
    answers[node] = () => ({ raw, headers: { 'content-encoding': 'gzip' } });
    await expect(client.node(digest)).rejects.toThrow('is larger than 4194304 bytes');
    answers[node] = () => ({ raw: Buffer.alloc(5 * 1024 * 1024, 32) });
    await expect(client.node(digest)).rejects.toThrow('is larger than 4194304 bytes');
  });

  it('gives up a poll when it is told to', async () => {
    answers['/agent/v1/sync'] = () => 'never';
    const stop = new AbortController();
    const have = { epoch: 0, generation: 0, scopes: {}, hold: 0 };
    const polled = client.sync({ protocol: 1, session: 1, have, waitMs: 30_000 }, stop.signal);
    setTimeout(() => stop.abort(), 30);
    await expect(polled).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('says where it could not get through', async () => {
    const lost = httpHub({ url: 'http://127.0.0.1:9', runtime: systemRuntime });
    const failure = lost.join({ cluster, secret: 's', claim: { payload: '', keyId: '', signature: '' } });
    await expect(failure).rejects.toThrow(/POST http:\/\/127\.0\.0\.1:9\/agent\/v1\/join: .*ECONNREFUSED/);
    await failure.catch((error: HubError) => expect(error.kind).toBe('unreachable'));
    await lost.close();
  });

  it('refuses an address that is none', () => {
    expect(() => httpHub({ url: 'hub', runtime: systemRuntime })).toThrow('is not the address of a hub');
  });

  it('refuses an answer of another shape', async () => {
    answers['/agent/v1/join'] = () => ({ body: { hub: 1 } });
    const joined = gateway.join({ cluster, secret: 's', claim: { payload: '', keyId: '', signature: '' } });
    await expect(joined).rejects.toThrow("the hub's answer to joining is malformed");
  });
});
