import { Injectable } from '@nestjs/common';
import type { SourceSpec } from '#libs/resources/source';
import { Database } from '#src/hub/database/database';
import { storableText } from '#src/hub/database/json';

export interface DueSource {
  id: string;
  name: string;
  spec: SourceSpec;
  version: number;
  credentials_sealed: Buffer | null;
  fetch_due: number;
  lease_epoch: number;
  failures: number;
  commit_id: string | null;
  revision_name: string | null;
}

export interface FetchedCommit {
  commit: string;
  name: string;
  subject: string;
  committedAt: Date;
  traceId: string;
  rewritten: boolean;
}

const leaseSeconds = 5;

@Injectable()
export class FetchRepository {
  constructor(private readonly database: Database) {}

  /** Takes sources that are due under a short lease; its epoch fences whoever held it before. */
  async take(limit: number): Promise<DueSource[]> {
    return await this.database.query<DueSource>(
      `UPDATE sources SET leased_until = now() + make_interval(secs => $2), lease_epoch = lease_epoch + 1
        WHERE id IN (SELECT id FROM sources
                      WHERE (fetch_done < fetch_due OR next_poll_at <= now())
                        AND (leased_until IS NULL OR leased_until < now())
                      ORDER BY next_poll_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id, name, spec, version, credentials_sealed, fetch_due, lease_epoch, failures, commit_id, revision_name`,
      [limit, leaseSeconds],
    );
  }

  async renew(source: DueSource): Promise<void> {
    await this.database.execute(
      'UPDATE sources SET leased_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_epoch = $2',
      [source.id, source.lease_epoch, leaseSeconds],
    );
  }

  /** Gives the lease back, undone: the source was edited meanwhile. */
  async giveBack(source: DueSource): Promise<void> {
    await this.database.execute('UPDATE sources SET leased_until = NULL WHERE id = $1 AND lease_epoch = $2', [
      source.id,
      source.lease_epoch,
    ]);
  }

  /** @returns false when the lease was lost, or the source edited, meanwhile */
  async succeeded(source: DueSource, commit: FetchedCommit | undefined, nextPollAt: Date): Promise<boolean> {
    const updated = await this.database.execute(
      `UPDATE sources
          SET fetch_done = $4, leased_until = NULL, next_poll_at = $5, state = 'ready', message = NULL, failures = 0,
              failing_since = NULL, fetched_at = now(),
              commit_id = coalesce($6, commit_id), revision_name = coalesce($7, revision_name),
              commit_subject = coalesce($8, commit_subject), committed_at = coalesce($9, committed_at),
              trace_id = coalesce($10, trace_id),
              commit_seen_at = CASE WHEN $6::text IS NULL THEN commit_seen_at ELSE now() END,
              rewritten_at = CASE WHEN $11::boolean THEN now() ELSE rewritten_at END
        WHERE id = $1 AND lease_epoch = $2 AND version = $3`,
      [
        source.id,
        source.lease_epoch,
        source.version,
        source.fetch_due,
        nextPollAt,
        commit?.commit ?? null,
        commit?.name ?? null,
        commit === undefined ? null : storableText(commit.subject).slice(0, 500),
        commit?.committedAt ?? null,
        commit?.traceId ?? null,
        commit?.rewritten ?? false,
      ],
    );
    return updated > 0;
  }

  /** The last good state stays, and the source says what is wrong. */
  async failed(source: DueSource, message: string, nextPollAt: Date): Promise<boolean> {
    const updated = await this.database.execute(
      `UPDATE sources
          SET fetch_done = $4, leased_until = NULL, next_poll_at = $5, state = 'failing', message = $6,
              failures = failures + 1, failing_since = coalesce(failing_since, now())
        WHERE id = $1 AND lease_epoch = $2 AND version = $3`,
      [source.id, source.lease_epoch, source.version, source.fetch_due, nextPollAt, storableText(message)],
    );
    return updated > 0;
  }

  /** At once, also those that were put off. Locked in the order of their ids, as everywhere. */
  async markApplicationsDue(sourceId: string): Promise<number> {
    return await this.database.execute(
      `UPDATE applications SET evaluate_due = evaluate_due + 1, evaluate_after = least(evaluate_after, now())
        WHERE id IN (SELECT id FROM applications WHERE source_id = $1 ORDER BY id FOR NO KEY UPDATE)`,
      [sourceId],
    );
  }
}
