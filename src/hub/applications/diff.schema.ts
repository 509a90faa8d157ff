import { z } from 'zod';
import { nameSchema } from '#libs/resources/names';

const release = z.coerce.number().int().min(1);

export const diffQuerySchema = z
  .strictObject({
    cluster: nameSchema.optional().describe('what is assigned there, against what is wanted there'),
    from: release.optional().describe('number of a release; with `to`'),
    to: release.optional(),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    path: ['to'],
    message: 'give `from` and `to` together',
  })
  .refine(({ cluster, from }) => cluster === undefined || from === undefined, {
    path: ['cluster'],
    message: 'give a cluster, or two releases',
  });
export type DiffQuery = z.output<typeof diffQuerySchema>;

const fieldChangeSchema = z
  .object({
    path: z.string().describe('`spec.template.spec.containers[name=api].image`'),
    before: z.unknown().optional().describe('missing: was not there; values of Secrets are shown as digests'),
    after: z.unknown().optional().describe('missing: is not there any more'),
  })
  .meta({ id: 'FieldChange' });

const objectChangeSchema = z
  .object({
    object: z.string().describe('`group/Kind/namespace/name`'),
    name: z.string().describe('as people write it'),
    change: z.enum(['added', 'removed', 'changed']),
    fields: z.array(fieldChangeSchema).describe('of a changed object, the first 200'),
    moreFields: z.number().int(),
  })
  .meta({ id: 'ObjectChange' });

const diffGroupSchema = z
  .object({
    clusters: z.array(z.string()).describe('that have this diff, the first 1,000'),
    clusterCount: z.number().int(),
    fromReleases: z.array(z.number().int()),
    toReleases: z.array(z.number().int()),
    objects: z.array(objectChangeSchema).describe('the first 500'),
    moreObjects: z.number().int(),
    policy: z.array(fieldChangeSchema).describe('how the objects are kept'),
  })
  .meta({ id: 'DiffGroup' });
export type DiffGroup = z.infer<typeof diffGroupSchema>;

export const diffSchema = z
  .object({
    application: z.string(),
    compared: z.enum(['assignedWithWanted', 'releases']),
    groups: z.array(diffGroupSchema).describe('equal diffs are one group; most clusters first'),
    unchanged: z.number().int().describe('clusters (or variants, of releases) without any difference'),
    notCompared: z
      .number()
      .int()
      .describe('clusters (or variants) left out: not rendered, without a counterpart, or beyond the first 100 pairs'),
  })
  .meta({ id: 'ApplicationDiff' });
export type ApplicationDiff = z.infer<typeof diffSchema>;
