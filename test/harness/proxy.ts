/** An HTTP proxy on 127.0.0.1: tunnels (CONNECT) and plain requests; it counts, leads names elsewhere, and can be cut. */
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyOptions {
  /** Where `host:port` really is, as `host:port`: names that no resolver knows show that nothing went past the proxy. */
  routes?: Record<string, string>;
  /** Asked for on every request. */
  auth?: { username: string; password: string };
}

export interface TestProxy {
  /** `http://127.0.0.1:<port>`, without credentials. */
  url: string;
  /** What was asked for so far: `CONNECT host:port`, or method and address of a plain request. */
  requests: string[];
  /** Bytes that went through tunnels, both ways. */
  tunnelledBytes(): number;
  openTunnels(): number;
  /** Ends all tunnels that are open, as a network does that fails. */
  cut(): void;
  /** While it refuses, every request is answered with 503. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

export async function startProxy({ routes = {}, auth }: ProxyOptions = {}): Promise<TestProxy> {
  const requests: string[] = [];
  const tunnels = new Set<Socket>();
  let tunnelled = 0;
  let refusing = false;

  const statusOf = (request: IncomingMessage): number => {
    const expected = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) return 407;
    return refusing ? 503 : 200;
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const status = statusOf(request);
    const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
    if (status !== 200 || url === undefined) {
      response.writeHead(url === undefined ? 400 : status).end();
      return;
    }
    const [hostname, port] = addressOf(`${url.hostname}:${url.port || 80}`, routes);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const forwarded = send({ hostname, port, method: request.method, path: url.pathname + url.search, headers });
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.headersSent || response.writeHead(502).end());
    request.pipe(forwarded);
  });

  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    requests.push(`CONNECT ${request.url}`);
    client.on('error', () => undefined);
    const status = statusOf(request);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
      return;
    }
    const [hostname, port] = addressOf(request.url ?? '', routes);
    const target = connect(port, hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client);
      client.pipe(target);
    });
    tunnels.add(client);
    const count = (chunk: Buffer): void => void (tunnelled += chunk.length);
    target.on('data', count);
    client.on('data', count);
    target.on('error', () => client.destroy());
    target.on('close', () => client.destroy());
    client.on('close', () => {
      tunnels.delete(client);
      target.destroy();
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const tunnel of tunnels) tunnel.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tunnelledBytes: () => tunnelled,
    openTunnels: () => tunnels.size,
    cut,
    refuse: (value) => {
      refusing = value;
    },
    close: async () => {
      cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function addressOf(authority: string, routes: Record<string, string>): [string, number] {
  const target = routes[authority] ?? authority;
  const at = target.lastIndexOf(':');
  return [target.slice(0, at).replace(/^\[|\]$/g, ''), Number(target.slice(at + 1))];
}
