import { z } from 'zod';
import { nameSchema } from '#libs/resources/names';
import { blockerSchema, targetSchema } from '#src/hub/fleet-status/targets.schema';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import { releaseSummarySchema } from './applications.schema';

export const explanationSchema = z
  .object({
    cluster: z.string(),
    region: z.string(),
    placed: z.boolean(),
    reason: z.string().describe('why it is a target by the placement as it stands now, or the first condition not met'),
    blockers: z.array(blockerSchema).describe('what keeps the newest release from going out here'),
    target: targetSchema.optional(),
  })
  .meta({ id: 'PlacementExplanation' });
export type Explanation = z.infer<typeof explanationSchema>;
export const explanationPageSchema = pageSchema(explanationSchema, 'PlacementExplanationPage');

export const explainQuerySchema = z.strictObject({
  ...pageQuery,
  cluster: nameSchema.optional(),
  region: nameSchema.optional(),
});
export type ExplainQuery = z.output<typeof explainQuerySchema>;

export const releaseSchema = releaseSummarySchema
  .extend({
    variants: z.number().int().describe('distinct outputs'),
    rollout: z
      .object({
        state: z.enum(['running', 'completed', 'superseded']),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime().optional(),
      })
      .optional(),
  })
  .meta({ id: 'Release' });
export type Release = z.infer<typeof releaseSchema>;
export const releasePageSchema = pageSchema(releaseSchema, 'ReleasePage');
