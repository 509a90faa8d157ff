import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import type { Role } from './permissions';
import type { Scope } from './scope';

export interface TokenRow {
  id: string;
  name: string;
  role: Role;
  scope: Scope;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface TokenForCheck extends TokenRow {
  token_hash: Buffer;
  expired: boolean;
  /** Not written down as used in the last minute. */
  use_is_news: boolean;
}

const columns = 'id, name, role, scope, created_by, created_at, expires_at, revoked_at, last_used_at';

@Injectable()
export class AccessTokensRepository {
  constructor(private readonly database: Database) {}

  async insert(token: {
    id: string;
    name: string;
    role: Role;
    scope: Scope;
    hash: Buffer;
    createdBy: string;
    expiresInDays: number;
  }): Promise<TokenRow> {
    const row = await this.database.one<TokenRow>(
      `INSERT INTO api_tokens (id, name, role, scope, token_hash, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) RETURNING ${columns}`,
      [token.id, token.name, token.role, token.scope, token.hash, token.createdBy, token.expiresInDays],
    );
    if (row === undefined) throw new Error('a token was not stored');
    return row;
  }

  async forCheck(id: string): Promise<TokenForCheck | undefined> {
    return await this.database.one<TokenForCheck>(
      `SELECT ${columns}, token_hash, expires_at <= now() AS expired,
              (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') AS use_is_news
       FROM api_tokens WHERE id = $1`,
      [id],
    );
  }

  async markUsed(id: string): Promise<void> {
    await this.database.execute(
      `UPDATE api_tokens SET last_used_at = now()
       WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
      [id],
    );
  }

  async find(id: string, lock = false): Promise<TokenRow | undefined> {
    const sql = `SELECT ${columns} FROM api_tokens WHERE id = $1 ${lock ? 'FOR UPDATE' : ''}`;
    return await this.database.one<TokenRow>(sql, [id]);
  }

  /** By id; ids are UUIDs of version 7, so by age. */
  async list(after: string | undefined, limit: number): Promise<TokenRow[]> {
    return await this.database.query<TokenRow>(
      `SELECT ${columns} FROM api_tokens WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`,
      [after ?? null, limit],
    );
  }

  async revoke(id: string): Promise<TokenRow | undefined> {
    return await this.database.one<TokenRow>(
      `UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${columns}`,
      [id],
    );
  }
}
