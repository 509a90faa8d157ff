import { Agent, get } from 'node:https';
import type { TestCluster } from '#test/harness/kubernetes';

interface ConfigMap {
  metadata: { name: string };
  data?: Record<string, string>;
}

export interface ConfigMapWatch {
  /** When `data.value` of this ConfigMap was first seen to be this, on `performance.now()`. Rejects after `withinMs`. */
  seen(name: string, value: string, withinMs: number): Promise<number>;
  stop(): void;
}

/** Watches the ConfigMaps of a namespace over one connection: bytes are taken as they come, without a client between. */
export async function watchConfigMaps(cluster: TestCluster, namespace: string): Promise<ConfigMapWatch> {
  const seen = new Map<string, number>();
  const waiting = new Map<string, (atMs: number) => void>();
  let failure: Error | undefined;
  const see = (line: string, atMs: number): void => {
    const { object } = JSON.parse(line) as { object: ConfigMap };
    const key = keyOf(object.metadata.name, object.data?.value);
    if (seen.has(key)) return;
    seen.set(key, atMs);
    waiting.get(key)?.(atMs);
  };
  const agent = new Agent({ ca: Buffer.from(cluster.caData, 'base64').toString('utf8') });
  const address = `${cluster.server}/api/v1/namespaces/${namespace}/configmaps?watch=1&timeoutSeconds=3600`;
  await new Promise<void>((resolve, reject) => {
    const request = get(address, { agent, headers: { authorization: `Bearer ${cluster.adminToken}` } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`the watch was answered with ${response.statusCode}`));
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const atMs = performance.now();
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        for (const line of lines) see(line, atMs);
      });
      response.on('close', () => (failure = new Error(`the watch of ${cluster.name} has ended`)));
      resolve();
    });
    request.once('error', (error) => {
      failure = error;
      reject(error);
    });
  });
  return {
    seen: (name, value, withinMs) =>
      new Promise((resolve, reject) => {
        const key = keyOf(name, value);
        const atMs = seen.get(key);
        if (atMs !== undefined) return resolve(atMs);
        const timer = setTimeout(() => {
          waiting.delete(key);
          reject(failure ?? new Error(`${cluster.name} did not have ${name} = ${value} in ${withinMs} ms`));
        }, withinMs);
        waiting.set(key, (at) => {
          clearTimeout(timer);
          waiting.delete(key);
          resolve(at);
        });
      }),
    stop: () => agent.destroy(),
  };
}

const keyOf = (name: string, value: string | undefined): string => `${name}=${value ?? ''}`;
