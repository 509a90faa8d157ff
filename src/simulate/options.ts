import { z } from 'zod';
import { labelsSchema } from '#libs/placement/selector';

const maxClusters = 100_000;

const range = z.tuple([z.number().min(0).max(3_600_000), z.number().min(0).max(3_600_000)]);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}

/** A fleet of simulated clusters; what is left out is as written beside it. It travels to other processes as JSON. */
export const fleetOptionsSchema = z.object({
  hub: z.object({
    /** Address of the API. */
    url: z.string(),
    /** Of somebody who may register clusters, and give them new join tokens. */
    token: z.string(),
    ca: z.string().optional(),
  }),
  /** Addresses of hubs that agents follow, one after the other; that of the API. */
  agentUrls: z.array(z.string()).max(100).default([]),
  clusters: z.number().int().min(1).max(maxClusters),
  /** 3 */
  regions: z.number().int().min(1).max(1_000).default(3),
  /** `sim`: clusters are called `sim-00001` and so on. */
  prefix: z
    .string()
    .max(50)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and `-`')
    .default('sim'),
  labels: labelsSchema.default({}),
  /** Where the identities of agents are kept, so that a second run goes on with them; nowhere. */
  dataFolder: z.string().optional(),
  /** 1: this one. More are started, and each has its part of the clusters. */
  processes: z.number().int().min(1).max(64).default(1),
  /** In the place of what the hub says. */
  heartbeatSeconds: z.number().int().min(1).max(3_600).optional(),
  /** A full comparison of each cluster: 3,600. */
  comparisonSeconds: z.number().int().min(5).max(86_400).default(3_600),
  /** How long the hub may keep a poll open, at least and at most: 25,000 to 30,000. */
  pollMs: range.default([25_000, 30_000]),
  /** How long workloads take until they are ready, at least and at most: 1,000 to 4,000. */
  readyAfterMs: range.default([1_000, 4_000]),
  /** How long a request of a cluster's API takes, at least and at most: 0. */
  latencyMs: range.default([0, 0]),
  /** Images that match never become ready; those with the tag `bad` or `broken`. */
  badImage: z.string().max(500).refine(isPattern, 'a regular expression').optional(),
  /** Agents that come up at once, over all processes: 64. */
  startConcurrency: z.number().int().min(1).max(1_000).default(64),
});
export type FleetOptions = z.input<typeof fleetOptionsSchema>;
export type FleetSettings = z.output<typeof fleetOptionsSchema>;
