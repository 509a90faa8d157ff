import { platformServiceAccount } from '#libs/resources/cluster';

/** On every cluster that is simulated in bulk: only these are ever deregistered in bulk. */
export const simulatedLabel = 'flotilla.dev/simulated';

/** What belongs to one process in any case: its clusters are kept in one file. */
export const clustersPerBlock = 50;

export interface SimulatedCluster {
  /** In the fleet, from 0. */
  index: number;
  name: string;
  region: string;
  labels: Record<string, string>;
}

export interface FleetShape {
  /** How many clusters, up to 100,000. */
  clusters: number;
  /** How many regions they are spread over, one after the other. */
  regions: number;
  prefix: string;
  labels: Record<string, string>;
}

const digits = 5;

/** Clusters `from` up to, not including, `to`, counted from 0. Names and regions do not change when the fleet grows. */
export function simulatedClusters(shape: FleetShape, from = 0, to = shape.clusters): SimulatedCluster[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => {
    const index = from + offset;
    return {
      index,
      name: `${shape.prefix}-${String(index + 1).padStart(digits, '0')}`,
      region: `region-${(index % shape.regions) + 1}`,
      labels: { ...shape.labels, [simulatedLabel]: 'true' },
    };
  });
}

/** As the API takes it. */
export function clusterDocument({ name, region, labels }: SimulatedCluster) {
  return {
    apiVersion: 'flotilla.dev/v1' as const,
    kind: 'Cluster' as const,
    metadata: { name, labels },
    spec: { region, serviceAccount: platformServiceAccount },
  };
}

/** Parts of about the same size in whole blocks: which clusters each of some processes has. A small fleet has fewer parts. */
export function partsOf(clusters: number, parts: number): { from: number; to: number }[] {
  const blocks = Math.ceil(clusters / clustersPerBlock);
  const used = Math.min(parts, blocks);
  const start = (part: number) => Math.min(clusters, Math.floor((blocks * part) / used) * clustersPerBlock);
  return Array.from({ length: used }, (_, part) => ({ from: start(part), to: start(part + 1) }));
}
