import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestCluster } from './kubernetes';
import { eventually } from './eventually';

export interface WatchedObject {
  /** Every resource version that it has had since the watch began, the first one included. */
  versions(): string[];
  stop(): void;
}

/** Watches one object by the real kubectl: what was written twice is seen twice. */
export async function watchObject(
  cluster: TestCluster,
  kind: string,
  namespace: string,
  name: string,
): Promise<WatchedObject> {
  const versions: string[] = [];
  const columns = 'custom-columns=VERSION:.metadata.resourceVersion';
  const args = ['get', kind, name, '-n', namespace, '--watch', '--no-headers', '-o', columns];
  const child = spawn(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfigPath, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => versions.push(line.trim()));
  await eventually(() => (versions.length > 0 ? Promise.resolve() : Promise.reject(new Error('nothing is seen yet'))));
  return { versions: () => [...versions], stop: () => child.kill() };
}
