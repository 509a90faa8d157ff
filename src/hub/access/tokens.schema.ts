import { z } from 'zod';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import { defaultTokenDays, maxTokenDays } from './access-tokens';
import type { TokenRow } from './access-tokens.repository';
import { roles } from './permissions';
import { scopeSchema } from './scope';

export const createTokenSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.@]*[A-Za-z0-9])?$/, 'letters, digits, `-`, `_`, `.` and `@`')
      .describe('who or what it is for; shown in audit'),
    role: z.enum(roles),
    scope: scopeSchema.optional().describe('what it is restricted to; nothing given: everything'),
    expiresInDays: z.number().int().min(1).max(maxTokenDays).default(defaultTokenDays),
  })
  .meta({ id: 'TokenRequest' });
export type CreateToken = z.output<typeof createTokenSchema>;

export const tokenSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(roles),
    scope: scopeSchema,
    state: z.enum(['active', 'expired', 'revoked']),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().optional(),
    lastUsedAt: z.iso.datetime().optional().describe('to the minute'),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof tokenSchema>;

export const issuedTokenSchema = tokenSchema
  .extend({ token: z.string().describe('shown once; keep it safe') })
  .meta({ id: 'IssuedToken' });
export type IssuedToken = z.infer<typeof issuedTokenSchema>;

export const tokenQuerySchema = z.strictObject(pageQuery);
export const tokenPageSchema = pageSchema(tokenSchema, 'TokenPage');
export const tokenIdSchema = z.uuid();

export function tokenOf(row: TokenRow, now: Date): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    scope: row.scope,
    state: row.revoked_at !== null ? 'revoked' : row.expires_at <= now ? 'expired' : 'active',
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString(),
  };
}
