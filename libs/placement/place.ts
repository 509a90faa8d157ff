import { z } from 'zod';
import {
  labelExpressionSchema,
  labelKeySchema,
  type Labels,
  labelValueSchema,
  inWords,
  unmetRequirement,
} from './selector';

/** Which clusters an application runs on: every condition that is given must hold. */
export const placementSchema = z
  .strictObject({
    /** Every cluster. Said in so many words, so that a forgotten selector is never the whole fleet. */
    all: z.literal(true).optional(),
    regions: z.array(z.string().min(1).max(63)).min(1).max(200).optional(),
    /** Names of clusters. */
    clusters: z.array(z.string().min(1).max(63)).min(1).max(1_000).optional(),
    matchLabels: z.record(labelKeySchema, labelValueSchema).optional(),
    matchExpressions: z.array(labelExpressionSchema).max(50).optional(),
  })
  .refine(
    (placement) => placement.all === true || conditions(placement) > 0,
    'an empty placement selects nothing; for every cluster say `all: true`',
  )
  .refine(
    (placement) => placement.all !== true || conditions(placement) === 0,
    '`all: true` stands alone, without other conditions',
  );
export type Placement = z.infer<typeof placementSchema>;

function conditions(placement: {
  regions?: unknown;
  clusters?: unknown;
  matchLabels?: object;
  matchExpressions?: unknown[];
}): number {
  return [
    placement.regions,
    placement.clusters,
    Object.keys(placement.matchLabels ?? {}).length > 0 || undefined,
    (placement.matchExpressions ?? []).length > 0 || undefined,
  ].filter((condition) => condition !== undefined).length;
}

export interface PlaceableCluster {
  name: string;
  region: string;
  labels: Labels;
}

export interface PlacementVerdict {
  placed: boolean;
  /** Why it is a target, or the first condition that it does not meet. */
  reason: string;
}

/** Whether a cluster is a target of a placement, and why. */
export function place(placement: Placement, cluster: PlaceableCluster): PlacementVerdict {
  const not = (reason: string): PlacementVerdict => ({ placed: false, reason });
  if (placement.all === true) return { placed: true, reason: 'the placement takes all clusters' };
  if (placement.clusters !== undefined && !placement.clusters.includes(cluster.name)) {
    return not(`cluster ${cluster.name} is not among the ${placement.clusters.length} that are named`);
  }
  if (placement.regions !== undefined && !placement.regions.includes(cluster.region)) {
    return not(`region is ${cluster.region}, not one of ${placement.regions.join(', ')}`);
  }
  const unmet = unmetRequirement(placement, cluster.labels);
  return unmet === undefined ? { placed: true, reason: `matches ${describePlacement(placement)}` } : not(unmet);
}

/** In one line: `regions eu-1, us-1; tier=web; zone Exists`. */
export function describePlacement(placement: Placement): string {
  if (placement.all === true) return 'all clusters';
  const parts: string[] = [];
  if (placement.clusters) parts.push(`clusters ${placement.clusters.join(', ')}`);
  if (placement.regions) parts.push(`regions ${placement.regions.join(', ')}`);
  parts.push(...Object.entries(placement.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`));
  parts.push(...(placement.matchExpressions ?? []).map(inWords));
  return parts.join('; ');
}
