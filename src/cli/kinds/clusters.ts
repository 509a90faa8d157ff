import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Cluster } from '../client/types';
import { age } from '../output/age';
import { stateColour } from '../output/colour';
import type { View } from '../output/show';
import { labelsText } from '../output/text';
import type { Kind } from './kind';
import { describeCluster } from './describe-cluster';

export interface ClusterFilters {
  region?: string;
  labelSelector?: string;
  connection?: 'pending' | 'online' | 'unknown';
  cordoned?: 'true' | 'false';
}

/** Its connection, and what else matters: `online,cordoned`, `revoked`. */
export function clusterState({ spec, status }: Cluster): string {
  const { lifecycle, connection } = status;
  const first = lifecycle === 'revoked' ? ['revoked'] : [connection];
  if (lifecycle === 'deregistering') first.push('deregistering');
  return [...first, ...(spec.cordoned ? ['cordoned'] : [])].join(',');
}

function rootText(root: { epoch: number; generation: number } | undefined): string | undefined {
  return root === undefined ? undefined : `${root.epoch}/${root.generation}`;
}

function fact(cluster: Cluster, name: string): string | undefined {
  const value = cluster.status.facts[name];
  return typeof value === 'string' ? value : undefined;
}

export const howToAddClusters =
  'Add one: `flotilla cluster add --context CONTEXT --region REGION` by your kubeconfig, or `flotilla cluster register ' +
  'NAME --region REGION` for an agent of its own';

export const clusterView: View<Cluster> = {
  columns: (now) => [
    { header: 'NAME', value: ({ metadata }) => metadata.name },
    { header: 'REGION', value: ({ spec }) => spec.region },
    { header: 'STATE', value: clusterState, colour: (cluster) => stateColour(clusterState(cluster)) },
    { header: 'HEARD', value: ({ status }) => age(status.lastHeardAt, now), moving: true },
    { header: 'AGE', value: ({ metadata }) => age(metadata.createdAt, now), moving: true },
    { header: 'KUBERNETES', value: (cluster) => fact(cluster, 'kubernetesVersion'), wide: true },
    { header: 'AGENT', value: (cluster) => fact(cluster, 'agentVersion'), wide: true },
    { header: 'ROOT', value: ({ status }) => rootText(status.root.current), wide: true },
    { header: 'HELD', value: ({ status }) => rootText(status.root.held), wide: true },
    { header: 'LABELS', value: ({ metadata }) => labelsText(metadata.labels), wide: true },
  ],
  nameOf: ({ metadata }) => `cluster/${metadata.name}`,
  empty: `No clusters. ${howToAddClusters}`,
  documents: true,
};

export async function listClusters(hub: Hub, filters: ClusterFilters = {}): Promise<Cluster[]> {
  return await allItems((page) =>
    answered(hub.api.GET('/api/v1/clusters', { params: { query: { ...filters, ...page } } })),
  );
}

export async function getCluster(hub: Hub, name: string): Promise<Cluster> {
  return await answered(hub.api.GET('/api/v1/clusters/{name}', { params: { path: { name } } }));
}

export const clusterKind: Kind<Cluster> = {
  name: 'cluster',
  plural: 'clusters',
  aliases: ['cl'],
  view: clusterView,
  list: (hub) => listClusters(hub),
  get: getCluster,
  describe: async (hub, cluster, now) => {
    const query = { cluster: cluster.metadata.name, limit: 500 };
    const { items } = await answered(hub.api.GET('/api/v1/status/targets', { params: { query } }));
    return describeCluster(cluster, items, now);
  },
  delete: async (hub, name) => {
    const answer = await answered(hub.api.DELETE('/api/v1/clusters/{name}', { params: { path: { name } } }));
    return `cluster/${name} ${answer.state}; its workloads were left as they are`;
  },
};
