import { z } from 'zod';
import { placementSchema } from '#libs/placement/place';
import type { SyncPolicy } from '#libs/protocol/nodes';
import { documentHead } from './document';
import { nameSchema } from './names';

export const parameterNameSchema = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and `_`, not beginning with a digit')
  .refine((name) => name !== 'cluster' && name !== 'region', '`cluster` and `region` are given by the cluster');

const parameterValueSchema = z.union([z.string().max(10_000), z.number(), z.boolean()]);
/** For a number or boolean that is itself read from a label: `{ type: number, value: "${cluster.labels.replicas:-2}" }`. */
const typedParameterSchema = z.strictObject({
  type: z.enum(['string', 'number', 'boolean']).optional(),
  value: parameterValueSchema,
});

/** What an application is: where it lies in Git, where it runs, and how it is kept. */
export const applicationSpecSchema = z
  .strictObject({
    source: nameSchema.describe('name of the source that it is read from'),
    path: z
      .string()
      .max(1_000)
      .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))/, 'a path inside the repository: relative, without `..`')
      .default('.')
      .describe('folder in the repository'),
    renderer: z.enum(['yaml']).default('yaml'),
    namespace: nameSchema.optional().describe('for namespaced objects that name none'),
    parameters: z
      .record(parameterNameSchema, z.union([parameterValueSchema, typedParameterSchema]))
      .refine((parameters) => Object.keys(parameters).length <= 200, 'at most 200 parameters')
      .optional()
      .describe(
        'defaults of `${...}`; a text may itself refer to ${cluster.name}, ${cluster.region}, ${cluster.labels.KEY}',
      ),
    substitute: z.boolean().default(true).describe('false: `${...}` is left as it stands'),
    placement: placementSchema,
    sync: z
      .strictObject({
        prune: z.boolean().default(true),
        pruneLimits: z
          .strictObject({
            maxObjects: z.number().int().min(0).max(10_000).default(10),
            maxPercent: z.number().int().min(0).max(100).default(20),
          })
          .prefault({}),
        drift: z.enum(['reapply', 'report']).default('reapply'),
        conflicts: z.enum(['force', 'fail']).default('fail'),
      })
      .prefault({}),
    allowEmpty: z.boolean().default(false).describe('an empty rendering is no error'),
    allowSecrets: z
      .boolean()
      .default(false)
      .describe('Secrets with data may stand in Git; they are encrypted at rest in the hub'),
  })
  .meta({ id: 'ApplicationSpec' });
export type ApplicationSpec = z.infer<typeof applicationSpecSchema>;

/** An application as people declare it. */
export const applicationDocumentSchema = z
  .strictObject({
    ...documentHead('Application'),
    metadata: z.strictObject({ name: nameSchema }),
    spec: applicationSpecSchema,
  })
  .meta({ id: 'ApplicationDocument' });
export type ApplicationDocument = z.output<typeof applicationDocumentSchema>;

export function syncPolicyOf(spec: ApplicationSpec): SyncPolicy {
  return {
    prune: spec.sync.prune,
    pruneLimits: spec.sync.pruneLimits,
    drift: spec.sync.drift,
    conflicts: spec.sync.conflicts,
  };
}
