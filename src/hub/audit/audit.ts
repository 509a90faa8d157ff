import { Injectable } from '@nestjs/common';
import { actorText } from '#src/hub/access/actor';
import { requestContext } from '#src/hub/http/context';
import { redact } from '#src/hub/http/redaction';
import { AuditRepository } from './audit.repository';

export interface AuditEntry {
  /** Resource and verb: `cluster.register`, `token.revoke` … */
  action: string;
  /** As `kind` of its document: `Cluster`, `Application`, `Token` … */
  resourceKind: string;
  resourceId?: string;
  resourceName?: string;
  before?: unknown;
  after?: unknown;
}

/** Who did what, in the transaction of the change: there is no change without its row, and no row without its change. */
@Injectable()
export class Audit {
  constructor(private readonly repository: AuditRepository) {}

  /**
   * Members that are named like secrets are hidden.
   * @param actor by default of the request; outside of one, `hub`
   */
  async record(entry: AuditEntry, actor: string = this.actor()): Promise<void> {
    await this.recordAll([entry], actor);
  }

  /** A row for each, by one statement. */
  async recordAll(entries: readonly AuditEntry[], actor: string = this.actor()): Promise<void> {
    const request_id = requestContext.current()?.requestId ?? null;
    await this.repository.insert(
      entries.map((entry) => ({
        actor,
        action: entry.action,
        resource_kind: entry.resourceKind,
        resource_id: entry.resourceId ?? null,
        resource_name: entry.resourceName ?? null,
        before: redact(entry.before),
        after: redact(entry.after),
        request_id,
      })),
    );
  }

  /** Who acts now, as audit rows have it. */
  actor(): string {
    const actor = requestContext.current()?.actor;
    return actor === undefined ? 'hub' : actorText(actor);
  }
}
