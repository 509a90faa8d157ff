import { z } from 'zod';
import { pageQuery, pageSchema } from '#src/hub/http/pages';

export const targetChangeSchema = z
  .object({
    at: z.iso.datetime().describe('when the hub took it in'),
    observedAt: z.iso.datetime().describe('when the agent looked at the cluster'),
    release: z.number().int().optional().describe('the newest with this bundle; absent where it was swept'),
    bundle: z.string().optional().describe('absent for a removal'),
    epoch: z.number().int(),
    generation: z.number().int().describe('of the root that the agent held'),
    phase: z.string(),
    health: z.string(),
    message: z.string(),
    drifted: z.number().int(),
  })
  .meta({ id: 'TargetChange' });
export type TargetChange = z.infer<typeof targetChangeSchema>;
export const targetChangePageSchema = pageSchema(targetChangeSchema, 'TargetChangePage');

export const targetHistoryQuerySchema = z.strictObject(pageQuery);
export type TargetHistoryQuery = z.output<typeof targetHistoryQuerySchema>;
