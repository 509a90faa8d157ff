import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expectClass } from '../contract/world';
import { realKubernetes } from './real-kubernetes';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };
const discovery = { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['list'] }] };

describe('HTTP to an API server', () => {
  let server: Server;
  let handler: Handler;
  let requests: string[] = [];
  const sockets = new Set<Socket>();
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-transport-'));

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      sockets.add(request.socket);
      if (request.url === '/api/v1') answer(response, discovery);
      else handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    requests = [];
    sockets.clear();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function answer(response: ServerResponse, body: object, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function connect(options: object = {}, user: object = { token: 'secret' }) {
    const cluster = {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'insecure-skip-tls-verify': true,
    };
    const kubeconfig = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
    });
    return realKubernetes({ kubeconfig, ...options });
  }

  test('keeps its connection from one request to the next', async () => {
    handler = (_request, response) => answer(response, { gitVersion: 'v1.36.3' });
    const api = connect();
    for (let count = 0; count < 20; count += 1) await api.serverVersion();
    // The client may open one ahead.
    expect(sockets.size).toBeLessThanOrEqual(2);
    await api.close();
  });

  test('an answer that does not come is a timeout, without the credentials in its message', async () => {
    handler = () => undefined;
    const api = connect({ timeoutMs: 50 });
    const error = await expectClass(api.serverVersion(), 'timeout');
    expect(error.message).toBe('the API server did not answer within 50 ms');
    await api.close();
  });

  test('an answer beyond the limit is tooLarge, and so is a request, which is not sent', async () => {
    handler = (_request, response) => answer(response, { gitVersion: 'x'.repeat(2000) });
    const api = connect({ maxResponseSizeBytes: 1000, maxRequestSizeBytes: 1000 });
    await expectClass(api.serverVersion(), 'tooLarge');
    const metadata = { name: 'x', namespace: 'default' };
    await expectClass(
      api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'x'.repeat(2000) } }),
      'tooLarge',
    );
    expect(requests.filter((request) => request.startsWith('POST'))).toEqual([]);
    await api.close();
  });

  test('a list whose pages have expired is read again, once', async () => {
    let expired = 0;
    handler = (request, response) => {
      if (!request.url?.includes('continue='))
        return answer(response, { metadata: { continue: 'next' }, items: [{ metadata: { name: 'a' } }] });
      expired += 1;
      if (expired === 1) return answer(response, { kind: 'Status', reason: 'Expired', code: 410 }, 410);
      return answer(response, { items: [{ metadata: { name: 'b' } }] });
    };
    const api = connect();
    const found = await api.list(configMaps, { labelSelector: 'a=b' });
    expect(found.map((object) => object.metadata.name)).toEqual(['a', 'b']);
    expect(requests[1]).toBe('GET /api/v1/configmaps?labelSelector=a%3Db&limit=500');
    expect(requests).toHaveLength(5);
    await api.close();
  });

  test('a list whose pages expire again and again is unavailable', async () => {
    handler = (_request, response) => answer(response, { kind: 'Status', code: 410 }, 410);
    const api = connect();
    await expectClass(api.list(configMaps), 'unavailable');
    expect(requests).toHaveLength(3);
    await api.close();
  });

  test('a token file is read again when the token is refused', async () => {
    const tokenFile = path.join(folder, 'token');
    writeFileSync(tokenFile, 'old\n');
    handler = (request, response) => {
      if (request.headers.authorization === 'Bearer new') return answer(response, { gitVersion: 'v1.36.3' });
      writeFileSync(tokenFile, 'new\n');
      return answer(response, { kind: 'Status', code: 401 }, 401);
    };
    const api = connect({ allowFiles: true }, { tokenFile });
    expect(await api.serverVersion()).toBe('v1.36.3');
    await api.close();
  });

  test('discovery asks once for many, and again for what it did not know, at most once a second', async () => {
    handler = (_request, response) => answer(response, { items: [] });
    const api = connect();
    await Promise.all([api.list(configMaps), api.list(configMaps), api.resourceOf(configMaps)]);
    await api.resourceOf({ ...configMaps, kind: 'Missing' });
    await api.resourceOf({ ...configMaps, kind: 'Missing' });
    expect(requests.filter((request) => request === 'GET /api/v1')).toHaveLength(1);
    await api.close();
  });

  test('who is impersonated goes along with writes', async () => {
    let seen: unknown;
    handler = (request, response) => {
      seen = [request.method, request.url, request.headers['impersonate-user'], request.headers['content-type']];
      answer(response, { metadata: { name: 'x' } });
    };
    const api = connect();
    const metadata = { name: 'x', namespace: 'default' };
    await api.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata },
      { fieldManager: 'm', force: true, as: 'u', dryRun: true },
    );
    const url = '/api/v1/namespaces/default/configmaps/x?fieldManager=m&dryRun=All&force=true';
    expect(seen).toEqual(['PATCH', url, 'u', 'application/apply-patch+yaml']);
    await api.close();
  });

  test('a page instead of JSON is unavailable', async () => {
    handler = (_request, response) => response.writeHead(200).end('<html>log in</html>');
    const api = connect();
    await expectClass(api.serverVersion(), 'unavailable');
    await api.close();
  });
});
