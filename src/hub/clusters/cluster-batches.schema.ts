import { z } from 'zod';
import { clusterDocumentSchema } from '#libs/resources/cluster';
import { nameSchema } from '#libs/resources/names';
import { deregistrationSchema, joinSchema, lifecycles } from './clusters.schema';

const maxBatch = 500;

const names = z
  .array(nameSchema)
  .min(1)
  .max(maxBatch)
  .refine((all) => new Set(all).size === all.length, 'each name once');

export const registerBatchSchema = z
  .strictObject({
    clusters: z
      .array(clusterDocumentSchema)
      .min(1)
      .max(maxBatch)
      .refine((all) => new Set(all.map(({ metadata }) => metadata.name)).size === all.length, 'each name once'),
  })
  .meta({ id: 'ClusterBatch' });
export type RegisterBatch = z.output<typeof registerBatchSchema>;

export const namesBatchSchema = z.strictObject({ names }).meta({ id: 'ClusterNames' });
export type NamesBatch = z.output<typeof namesBatchSchema>;

export const registeredBatchSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        lifecycle: z.enum(lifecycles),
        agentKeyId: z.string().optional(),
        join: joinSchema.optional().describe('of a new token; absent for a cluster that was there already'),
      }),
    ),
  })
  .meta({ id: 'RegisteredClusterBatch' });
export type RegisteredBatch = z.infer<typeof registeredBatchSchema>;

export const deregisteredBatchSchema = z
  .object({ items: z.array(deregistrationSchema) })
  .meta({ id: 'DeregisteredClusterBatch' });
export type DeregisteredBatch = z.infer<typeof deregisteredBatchSchema>;
