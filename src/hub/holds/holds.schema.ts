import { z } from 'zod';
import { nameSchema } from '#libs/resources/names';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import type { HoldRow } from './holds.repository';

export const holdScopes = ['fleet', 'region', 'cluster', 'application'] as const;

const over = {
  scope: z.enum(holdScopes),
  name: nameSchema.optional().describe('of the region, cluster or application; none for the fleet'),
};

const named = ({ scope, name }: { scope: string; name?: string }) => (scope === 'fleet') === (name === undefined);
const namedMessage = { path: ['name'], message: 'name the region, cluster or application; the fleet has no name' };

export const haltSchema = z
  .strictObject({
    ...over,
    reason: z.string().trim().min(1).max(500).describe('shown to everyone who wonders why nothing moves'),
  })
  .refine(named, namedMessage)
  .meta({ id: 'Halt' });
export type Halt = z.output<typeof haltSchema>;

export const resumptionSchema = z.strictObject(over).refine(named, namedMessage).meta({ id: 'Resumption' });
export type Resumption = z.output<typeof resumptionSchema>;

export const holdSchema = z
  .object({
    id: z.uuid(),
    scope: z.enum(holdScopes),
    name: z.string().optional(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    releasedBy: z.string().optional(),
    releasedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Hold' });
export type Hold = z.infer<typeof holdSchema>;

export const holdQuerySchema = z.strictObject({
  ...pageQuery,
  released: z
    .stringbool({ truthy: ['true'], falsy: ['false'] })
    .default(false)
    .describe('true: those that were released, instead of those in force'),
});
export type HoldQuery = z.output<typeof holdQuerySchema>;
export const holdPageSchema = pageSchema(holdSchema, 'HoldPage');

export function holdOf(row: HoldRow): Hold {
  return {
    id: row.id,
    scope: row.scope,
    ...(row.scope_name === '' ? {} : { name: row.scope_name }),
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    releasedBy: row.released_by ?? undefined,
    releasedAt: row.released_at?.toISOString(),
  };
}
