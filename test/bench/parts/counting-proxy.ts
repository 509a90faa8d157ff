import {
  Agent as HttpAgent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request that was answered to its end. Bytes are those of the bodies as they went over the wire, headers apart. */
export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  status: number;
  requestBytes: number;
  responseBytes: number;
  /** On `performance.now()`. */
  completedAtMs: number;
}

export interface CountingProxy {
  url: string;
  /** So far, by completion. */
  exchanges: readonly Exchange[];
  stop(): Promise<void>;
}

export interface CountingProxyOptions {
  /** Where requests go on to: `http://127.0.0.1:<port>`, or `https:` with the authority to trust. */
  target: string;
  targetCa?: string;
  /** What the proxy itself serves with; without it, plain HTTP. */
  tls?: { key: string; cert: string };
}

/** Stands between a client and a server on this machine, passes everything on, and counts. */
export async function startCountingProxy(options: CountingProxyOptions): Promise<CountingProxy> {
  const exchanges: Exchange[] = [];
  const target = new URL(options.target);
  const isTls = target.protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ keepAlive: true, ca: options.targetCa }) : new HttpAgent({ keepAlive: true });
  const send = isTls ? httpsRequest : httpRequest;
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = 'GET', url = '/', headers } = incoming;
    const counts = { requestBytes: 0, responseBytes: 0 };
    const onward = send({ agent, host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      const status = answer.statusCode ?? 0;
      outgoing.writeHead(status, answer.headers);
      answer.on('data', (chunk: Buffer) => (counts.responseBytes += chunk.length));
      answer.on('end', () =>
        exchanges.push({ method, path: url, status, ...counts, completedAtMs: performance.now() }),
      );
      answer.pipe(outgoing);
    });
    incoming.on('data', (chunk: Buffer) => (counts.requestBytes += chunk.length));
    incoming.pipe(onward);
    // Whoever goes away first takes the other side along.
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    exchanges,
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
