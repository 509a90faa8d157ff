import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Outgoing } from '#src/net/outgoing';
import { selfSigned } from '#test/harness/certificate';
import { startProxy, type TestProxy } from '#test/harness/proxy';
import type { HubError } from './port';
import { HubTransport, type TransportOptions } from './transport';

describe('a hub behind a proxy', () => {
  let certificate: { key: string; cert: string };
  let server: Server;
  let proxy: TestProxy;
  let transport: HubTransport | undefined;

  beforeAll(async () => {
    certificate = await selfSigned('DNS:hub.test');
    server = createServer(certificate, (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(async () => {
    proxy = await startProxy({ routes: { 'hub.test:443': `127.0.0.1:${(server.address() as AddressInfo).port}` } });
  });
  afterEach(async () => {
    await transport?.close();
    await proxy.close();
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const open = (options: Partial<TransportOptions>, extraCa?: string): HubTransport => {
    const proxies = { https: proxy.url, bypass: [] };
    transport = new HubTransport({
      url: 'https://hub.test/base',
      outgoing: new Outgoing({ proxies, extraCa }),
      ...options,
    });
    return transport;
  };
  const ask = async (): Promise<string> => {
    const call = { method: 'GET', path: '/agent/v1/x', timeoutMs: 10_000, maxBytes: 1_000 } as const;
    return await transport!.call(call).then(
      ({ text }) => text,
      (error: HubError) => `${error.kind}: ${error.message}`,
    );
  };

  it('is reached through tunnels that are kept, whichever way its authority is known', async () => {
    open({}, certificate.cert);
    expect(await ask()).toBe('{"path":"/base/agent/v1/x"}');
    for (let at = 0; at < 10; at += 1) await ask();
    expect(new Set(proxy.requests)).toEqual(new Set(['CONNECT hub.test:443']));
    expect(proxy.requests.length).toBeLessThanOrEqual(2);
    await transport!.close();
    open({ ca: certificate.cert });
    expect(await ask()).toContain('/base/agent/v1/x');
    await transport!.close();
    open({});
    expect(await ask()).toMatch(/^unreachable: .*(SELF_SIGNED|self-signed)/);
  });

  it('is unreachable while the proxy refuses, and reached again after a cut', async () => {
    open({}, certificate.cert);
    await ask();
    proxy.refuse(true);
    proxy.cut();
    expect(await ask()).toMatch(/^unreachable: /);
    proxy.refuse(false);
    expect(await ask()).toContain('/base/agent/v1/x');
    expect(proxy.openTunnels()).toBeGreaterThan(0);
  });
});
