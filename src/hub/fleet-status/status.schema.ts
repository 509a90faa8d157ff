import { z } from 'zod';
import { holdSchema } from '#src/hub/holds/holds.schema';
import { targetCountsSchema } from './targets.schema';

export const fleetStatusSchema = z
  .object({
    clusters: z
      .object({
        total: z.number().int(),
        online: z.number().int(),
        pending: z.number().int().describe('its agent never joined'),
        unknown: z.number().int().describe('not heard for too long'),
      })
      .meta({ id: 'ClusterCounts' }),
    targets: targetCountsSchema,
    sources: z.object({ total: z.number().int(), failing: z.number().int() }).meta({ id: 'SourceCounts' }),
    applications: z
      .object({
        total: z.number().int(),
        deleting: z.number().int(),
        failing: z.number().int(),
        pending: z.number().int(),
        ready: z.number().int(),
      })
      .meta({ id: 'ApplicationCounts' }),
    holds: z.array(holdSchema).describe('in force, oldest first; the first 100'),
    blindSince: z.iso.datetime().optional().describe('the message log is late: what is newer is not known yet'),
    agentsAhead: z
      .number()
      .int()
      .optional()
      .describe(
        'clusters whose agent holds a newer state than this hub: was its database restored? `flotilla hub restore`',
      ),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'FleetStatus' });
export type FleetStatus = z.infer<typeof fleetStatusSchema>;
