import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCountingProxy } from './counting-proxy';

describe('a proxy that counts', () => {
  let server: Server;
  let target: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/never') return;
      request.resume().on('end', () => response.writeHead(201, { 'x-own': 'kept' }).end('answered'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('passes on what it counts, and counts bodies alone', async () => {
    const proxy = await startCountingProxy({ target });
    const answer = await fetch(`${proxy.url}/a?b=c`, { method: 'POST', body: 'four' });
    expect([answer.status, answer.headers.get('x-own'), await answer.text()]).toEqual([201, 'kept', 'answered']);
    expect(proxy.exchanges).toEqual([
      {
        method: 'POST',
        path: '/a?b=c',
        status: 201,
        requestBytes: 4,
        responseBytes: 8,
        completedAtMs: expect.any(Number) as number,
      },
    ]);
    await proxy.stop();
  });

  it('does not count what was never answered', async () => {
    const proxy = await startCountingProxy({ target });
    const given = new AbortController();
    const pending = fetch(`${proxy.url}/never`, { signal: given.signal });
    await fetch(`${proxy.url}/answered`).then((answer) => answer.text());
    given.abort();
    await expect(pending).rejects.toThrow();
    expect(proxy.exchanges.map(({ path }) => path)).toEqual(['/answered']);
    await proxy.stop();
  });
});
