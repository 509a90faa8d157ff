import { Injectable } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { Sealing } from '#src/hub/security/sealing';

const purpose = 'idempotent-answers';

export interface KeptAnswer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

export type KeptRequest = { hash: Buffer; answer: KeptAnswer };

/** Answers by (actor, key), sealed since some carry a token; for a day, see `retention.ts`. */
@Injectable()
export class IdempotencyRepository {
  constructor(
    private readonly database: Database,
    private readonly sealing: Sealing,
  ) {}

  /** Until the end of the transaction; false: another one has it. */
  async tryLock(actor: string, key: string): Promise<boolean> {
    const row = await this.database.one<{ locked: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7421)) AS locked',
      [`${actor}\n${key}`],
    );
    return row?.locked === true;
  }

  async find(actor: string, key: string): Promise<KeptRequest | undefined> {
    const row = await this.database.one<{ request_hash: Buffer; status: number; response: { sealed: string } }>(
      'SELECT request_hash, status, response FROM idempotency_keys WHERE actor = $1 AND key = $2',
      [actor, key],
    );
    if (row === undefined) return undefined;
    const opened = this.sealing.open(purpose, `${actor}/${key}`, Buffer.from(row.response.sealed, 'base64'));
    const { body, headers } = JSON.parse(opened.toString('utf8')) as Omit<KeptAnswer, 'status'>;
    return { hash: row.request_hash, answer: { status: row.status, body, headers } };
  }

  async keep(actor: string, key: string, hash: Buffer, answer: KeptAnswer): Promise<void> {
    const text = JSON.stringify({ body: answer.body, headers: answer.headers });
    const sealed = this.sealing.seal(purpose, `${actor}/${key}`, text).toString('base64');
    await this.database.execute(
      'INSERT INTO idempotency_keys (actor, key, request_hash, status, response) VALUES ($1, $2, $3, $4, $5)',
      [actor, key, hash, answer.status, { sealed }],
    );
  }
}
