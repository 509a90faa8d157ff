import { z } from 'zod';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import type { AuditRow } from './audit.repository';

const word = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\u0000-\u001f]*$/, 'no control characters');

export const auditQuerySchema = z.strictObject({
  ...pageQuery,
  actor: word.optional().describe('for example `token:ci:0198c1aa`'),
  action: word.optional().describe('for example `cluster.cordon`'),
  resourceKind: word.optional().describe('for example `Cluster`'),
  resourceName: word.optional(),
  requestId: word.optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;

export const auditEventSchema = z
  .object({
    id: z.number().int(),
    at: z.iso.datetime(),
    actor: z.string(),
    action: z.string(),
    resourceKind: z.string(),
    resourceId: z.string().optional(),
    resourceName: z.string().optional(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const auditPageSchema = pageSchema(auditEventSchema, 'AuditEventPage');

export function auditEvent(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    resourceKind: row.resource_kind,
    resourceId: row.resource_id ?? undefined,
    resourceName: row.resource_name ?? undefined,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    requestId: row.request_id ?? undefined,
  };
}
