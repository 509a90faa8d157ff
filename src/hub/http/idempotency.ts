import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { canonicalJson } from '#libs/protocol/canonical';
import { Database } from '#src/hub/database/database';
import { currentActor } from './context';
import { IdempotencyRepository } from './idempotency.repository';
import { Problem } from './problem';

const keptHeaders = ['etag', 'location'];

/**
 * With an `Idempotency-Key`, the whole handler is one transaction that also keeps its answer: either both are there after
 * a crash, or neither, and repeating is safe. What is refused is not kept: the same key may be tried again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly database: Database,
    private readonly repository: IdempotencyRepository,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw Problem.invalid([
        { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters, for example a UUID' },
      ]);
    }
    return from(this.once(key, request, reply, next));
  }

  private async once(key: string, request: FastifyRequest, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const actor = currentActor().id;
    const hash = hashOf(request);
    return await this.database.transaction(async () => {
      if (!(await this.repository.tryLock(actor, key))) {
        throw new Problem(
          'in-progress',
          'a request with this Idempotency-Key is being carried out; ask again shortly',
          {
            retryAfterSeconds: 1,
          },
        );
      }
      const kept = await this.repository.find(actor, key);
      if (kept === undefined) {
        const body: unknown = await lastValueFrom(next.handle());
        await this.repository.keep(actor, key, hash, { status: reply.statusCode, body, headers: headersOf(reply) });
        return body;
      }
      if (!kept.hash.equals(hash)) {
        throw new Problem(
          'idempotency-key-reused',
          'this Idempotency-Key was used with another request in the last day; use a new one for each request',
        );
      }
      void reply.code(kept.answer.status).headers({ ...kept.answer.headers, 'idempotency-replayed': 'true' });
      return kept.answer.body;
    });
  }
}

/** For POST routes that create. */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'repeating a request with the same key gives the same answer and creates nothing more, for a day',
      schema: { type: 'string', maxLength: 255 },
    }),
    ApiResponse({ status: 409, description: 'The present state does not allow this' }),
    ApiResponse({ status: 422, description: 'The Idempotency-Key belongs to another request' }),
  );
}

function hashOf(request: FastifyRequest): Buffer {
  const text = canonicalJson([request.method, request.url, request.body ?? null]);
  return createHash('sha256').update(text).digest();
}

function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}
