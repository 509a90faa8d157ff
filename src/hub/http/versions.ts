import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Problem } from './problem';

/** A resource's answer carries its version in `metadata.version`; the header says the same as `W/"<version>"`. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((answer: unknown) => {
        const version = (answer as { metadata?: { version?: unknown } } | undefined)?.metadata?.version;
        if (typeof version === 'number') {
          void context.switchToHttp().getResponse<FastifyReply>().header('etag', etagOf(version));
        }
        return answer;
      }),
    );
  }
}

export function etagOf(version: number): string {
  return `W/"${version}"`;
}

/**
 * The version that If-Match asks for; undefined without the header, or with `*`. It may be left out: a change is made on
 * the state of its own transaction, and a merge patch names only what it changes.
 */
export function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const match = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim());
  if (match?.[1] === undefined) {
    throw Problem.invalid([{ field: 'If-Match', message: 'is not an ETag of this hub; they look like W/"7"' }]);
  }
  return Number(match[1]);
}

const ifMatchValue = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/** Parameter of a handler: the expected version (number), or undefined. */
export function IfMatch(): ParameterDecorator {
  return (target, key, index) => {
    ifMatchValue()(target, key, index);
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (key === undefined || descriptor === undefined) return;
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'the ETag that was read: refused with 412 when it has been changed since',
      schema: { type: 'string' },
    })(target, key, descriptor);
  };
}

/** Throws Problem 412 when another version was expected. */
export function expectVersion(what: string, name: string, version: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== version) throw Problem.preconditionFailed(what, name, version);
}
