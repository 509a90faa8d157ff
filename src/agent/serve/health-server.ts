import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentView } from '../running';
import { agentMetrics } from './metrics';

export interface HealthServerOptions {
  port: number;
  /** Address to listen on: 127.0.0.1, or that of the pod. */
  host: string;
  /** Undefined until the agent has joined and runs. */
  state(): AgentView | undefined;
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

const maxConnections = 32;
const timeoutMs = 5_000;

/**
 * `/healthz`: this process answers. `/readyz`: it has joined, and heard the hub or holds a desired state. `/metrics`: in
 * the format of Prometheus, with no name of an application in it. Nothing else, and nothing that changes anything.
 */
export async function serveHealth({ port, host, state }: HealthServerOptions): Promise<HealthServer> {
  const metrics = agentMetrics(state);
  const server = createServer({ requestTimeout: timeoutMs, headersTimeout: timeoutMs }, (request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'only GET\n');
    if (path === '/healthz') return answer(response, 200, 'ok\n');
    if (path === '/readyz') {
      const missing = notReady(state());
      return answer(response, missing === undefined ? 200 : 503, `${missing ?? 'ok'}\n`);
    }
    if (path !== '/metrics') return answer(response, 404, 'there are /healthz, /readyz and /metrics\n');
    metrics.metrics().then(
      (text) => answer(response, 200, text, metrics.contentType),
      () => answer(response, 500, 'the metrics cannot be read\n'),
    );
  });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function notReady(view: AgentView | undefined): string | undefined {
  if (view === undefined) return 'the agent has not joined yet';
  if (view.isConnected || view.root !== undefined) return undefined;
  return view.trouble === undefined ? 'the hub was not heard yet' : `the hub was not heard yet: ${view.trouble}`;
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
