import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { AccessTokensRepository, type TokenRow } from './access-tokens.repository';
import type { Actor } from './actor';
import type { Role } from './permissions';
import type { Scope } from './scope';
import { newTokenText, parseTokenText } from './token-text';

export const maxTokenDays = 365;
export const defaultTokenDays = 90;

export interface TokenRequest {
  name: string;
  role: Role;
  /** Nothing given: everything. */
  scope?: Scope;
  /** 1 to 365; 90 unless told. */
  expiresInDays?: number;
}

export type TokenVerdict = { ok: true; actor: Actor } | { ok: false; message: string };

/** API tokens: made once, stored as hashes, checked at each request. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly database: Database,
    private readonly repository: AccessTokensRepository,
    private readonly audit: Audit,
  ) {}

  /**
   * The token's text is in the answer, and never again.
   * @param createdBy who, for audit; by default the actor of the request
   */
  async issue(request: TokenRequest, createdBy?: string): Promise<{ token: string; row: TokenRow }> {
    const { name, role, scope = {}, expiresInDays = defaultTokenDays } = request;
    if (!Number.isInteger(expiresInDays) || expiresInDays < 1 || expiresInDays > maxTokenDays) {
      throw Problem.invalid([{ field: 'expiresInDays', message: `must be from 1 to ${maxTokenDays}` }]);
    }
    const id = uuidv7();
    const { token, hash } = newTokenText(id);
    const by = createdBy ?? this.audit.actor();
    return await this.database.transaction(async () => {
      const row = await this.repository.insert({ id, name, role, scope, hash, createdBy: by, expiresInDays });
      await this.audit.record(
        {
          action: 'token.create',
          resourceKind: 'Token',
          resourceId: id,
          resourceName: name,
          after: { role, scope, expiresAt: row.expires_at },
        },
        by,
      );
      return { token, row };
    });
  }

  /** Whose token this is, or why it is not taken. */
  async check(text: string): Promise<TokenVerdict> {
    const parts = parseTokenText(text);
    if (parts === undefined) {
      return { ok: false, message: 'this is not an API token; they begin with `flt_` (`flotilla login` stores one)' };
    }
    const row = await this.repository.forCheck(parts.id);
    // The same work whether the row exists or not, and the same answer whatever part is wrong.
    const matches = timingSafeEqual(row?.token_hash ?? Buffer.alloc(32), parts.hash);
    if (row === undefined || !matches) {
      return { ok: false, message: 'this API token is not known to the hub; ask an admin for a new one' };
    }
    if (row.revoked_at !== null)
      return { ok: false, message: 'this API token was revoked; ask an admin for a new one' };
    if (row.expired) return { ok: false, message: 'this API token has expired; ask an admin for a new one' };
    if (row.use_is_news) await this.repository.markUsed(row.id);
    return { ok: true, actor: { id: row.id, name: row.name, role: row.role, scope: row.scope } };
  }

  async list(after: string | undefined, limit: number): Promise<Page<TokenRow>> {
    const rows = await this.repository.list(after, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => [row.id],
      (row) => row,
    );
  }

  async get(id: string): Promise<TokenRow> {
    const row = await this.repository.find(id);
    if (row === undefined) throw Problem.notFound('token', id);
    return row;
  }

  /** From the next request on. Revoking again changes nothing. */
  async revoke(id: string): Promise<TokenRow> {
    return await this.database.transaction(async () => {
      const before = await this.repository.find(id, true);
      if (before === undefined) throw Problem.notFound('token', id);
      if (before.revoked_at !== null) return before;
      const after = await this.repository.revoke(id);
      await this.audit.record({
        action: 'token.revoke',
        resourceKind: 'Token',
        resourceId: id,
        resourceName: before.name,
        before: { revokedAt: null },
        after: { revokedAt: after?.revoked_at },
      });
      return after ?? before;
    });
  }
}
