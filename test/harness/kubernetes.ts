import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '#src/embedded/ports';
import { type ClusterData, isReady, testCluster, type TestCluster } from './kubernetes/cluster';
import { writeClusterFiles } from './kubernetes/files';
import { apiServer, controllerManager, etcdServer } from './kubernetes/servers';
import { preparePart } from './parts/cache';
import { kubernetesPart } from './parts/kubernetes';
import { lifelineOf, sharedRunFolder, temporaryFolder } from './run/folder';
import { onceInRun } from './run/once';
import { killServer, listens, type Server, startServer } from './run/server';

export type { TestCluster } from './kubernetes/cluster';

export interface TestKubernetes {
  clusters: TestCluster[];
  /** Ends all of it and removes its data. */
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  clusters: number;
  /** With what makes ReplicaSets and Pods, runs garbage collection and deletes namespaces. No Pod ever runs. */
  controllers?: boolean;
}

/** Real API servers, each with its own users, keys and state, on one etcd: 3 to 5 s, about 0.3 GB each. */
export async function startKubernetes(options: KubernetesOptions): Promise<TestKubernetes> {
  const fleet = await startFleet(temporaryFolder('kubernetes'), options.clusters);
  const managers = options.controllers === true ? await startControllers(fleet) : [];
  return {
    clusters: fleet.clusters.map(testCluster),
    stop: async () => {
      // An API server without etcd hangs, so none is left to notice.
      await Promise.all([...managers, ...fleet.clusters.map(({ api }) => api)].map(killServer));
      await killServer(fleet.etcd);
      rmSync(fleet.folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * The three clusters that all suites of a jest run share, started by the first that asks. Use namespaces with names of
 * your own, and kill none of them.
 */
export async function sharedKubernetes(options: { controllers?: boolean } = {}): Promise<{ clusters: TestCluster[] }> {
  const run = sharedRunFolder();
  if (run === undefined) return startKubernetes({ clusters: 3, ...options });
  await preparePart(kubernetesPart);
  const lifeline = lifelineOf(run);
  const fleet = await onceInRun(run, 'shared-kubernetes', () =>
    startFleet(temporaryFolder('shared-kubernetes'), 3, lifeline),
  );
  if (options.controllers === true)
    await onceInRun(run, 'shared-kubernetes-controllers', () => startControllers(fleet));
  return { clusters: fleet.clusters.map(testCluster) };
}

interface Fleet {
  folder: string;
  part: string;
  etcd: Server;
  clusters: ClusterData[];
  lifelineFifo?: string;
}

async function startFleet(folder: string, count: number, lifelineFifo?: string): Promise<Fleet> {
  const part = await preparePart(kubernetesPart);
  const [client, peer, ...ports] = (await freePorts(2 + count)) as [number, number, ...number[]];
  const etcd = etcdServer({ part, folder, lifelineFifo }, { client, peer });
  await startServer(etcd, () => listens(client));
  const clusters = await Promise.all(
    ports.map(async (port, index) => {
      const name = `cluster-${index + 1}`;
      const own = path.join(folder, name);
      mkdirSync(own);
      const server = `https://127.0.0.1:${port}`;
      const files = writeClusterFiles(own, name, server);
      const api = apiServer({ part, folder: own, lifelineFifo }, port, client, `/${name}`);
      const data: ClusterData = { name, server, ...files, kubectlPath: path.join(part, 'kubectl'), api };
      await startServer(api, () => isReady(data));
      return data;
    }),
  );
  return { folder, part, etcd, clusters, lifelineFifo };
}

async function startControllers({ part, clusters, lifelineFifo }: Fleet): Promise<Server[]> {
  const ports = await freePorts(clusters.length);
  return Promise.all(
    clusters.map(async ({ api, kubeconfigPath }, index) => {
      const port = ports[index] ?? 0;
      const manager = controllerManager({ part, folder: api.folder, lifelineFifo }, port, kubeconfigPath);
      await startServer(manager, () => listens(port));
      return manager;
    }),
  );
}
