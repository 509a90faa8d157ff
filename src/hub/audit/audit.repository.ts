import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  action: string;
  resource_kind: string;
  resource_id: string | null;
  resource_name: string | null;
  before: unknown;
  after: unknown;
  request_id: string | null;
}

export interface AuditFilter {
  actor?: string;
  action?: string;
  resourceKind?: string;
  resourceName?: string;
  requestId?: string;
  since?: string;
  until?: string;
}

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  async insert(rows: readonly Omit<AuditRow, 'id' | 'at'>[]): Promise<void> {
    if (rows.length === 0) return;
    const column = (value: (row: Omit<AuditRow, 'id' | 'at'>) => string | null) => rows.map(value);
    await this.database.execute(
      `INSERT INTO audit (actor, action, resource_kind, resource_id, resource_name, before, after, request_id)
       SELECT actor, action, resource_kind, resource_id, resource_name, before::jsonb, after::jsonb, request_id
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
              WITH ORDINALITY
              AS t (actor, action, resource_kind, resource_id, resource_name, before, after, request_id, position)
        ORDER BY position`,
      [
        column((row) => row.actor),
        column((row) => row.action),
        column((row) => row.resource_kind),
        column((row) => row.resource_id),
        column((row) => row.resource_name),
        column((row) => jsonOrNull(row.before)),
        column((row) => jsonOrNull(row.after)),
        column((row) => row.request_id),
      ],
    );
  }

  /** Newest first. */
  async list(filter: AuditFilter, below: number | undefined, limit: number): Promise<AuditRow[]> {
    return await this.database.query<AuditRow>(
      `SELECT id, at, actor, action, resource_kind, resource_id, resource_name, before, after, request_id
       FROM audit
       WHERE ($1::bigint IS NULL OR id < $1)
         AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR action = $3)
         AND ($4::text IS NULL OR resource_kind = $4) AND ($5::text IS NULL OR resource_name = $5)
         AND ($6::text IS NULL OR request_id = $6)
         AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
       ORDER BY id DESC LIMIT $9`,
      [
        below ?? null,
        filter.actor ?? null,
        filter.action ?? null,
        filter.resourceKind ?? null,
        filter.resourceName ?? null,
        filter.requestId ?? null,
        filter.since ?? null,
        filter.until ?? null,
        limit,
      ],
    );
  }
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
