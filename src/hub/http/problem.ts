import { z } from 'zod';

/** Kinds of refusal: `https://flotilla.dev/problems/<slug>`; one status and title each. */
export const problemKinds = {
  invalid: { status: 400, title: 'The request is not valid' },
  malformed: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid API token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  revoked: { status: 403, title: 'The agent was revoked' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'The present state does not allow this' },
  'in-progress': { status: 409, title: 'The same request is being carried out' },
  gone: { status: 410, title: 'This was removed' },
  'precondition-failed': { status: 412, title: 'It has been changed meanwhile' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  unprocessable: { status: 422, title: 'The request cannot be carried out' },
  'unsupported-protocol': { status: 426, title: 'The versions of agent and hub do not fit' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The hub failed' },
  unavailable: { status: 503, title: 'The hub cannot answer now' },
} as const;
export type ProblemKind = keyof typeof problemKinds;

export const fieldErrorSchema = z
  .object({ field: z.string().describe('path in the request, for example `spec.region`'), message: z.string() })
  .meta({ id: 'FieldError' });
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('what happened, to what, and what to do'),
    errors: z.array(fieldErrorSchema).optional(),
    requestId: z.string().optional().describe('stands in the logs of the hub'),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.infer<typeof problemSchema>;

export const problemTypePrefix = 'https://flotilla.dev/problems/';

/** A refusal as an exception: thrown by services, answered as problem+json. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly more: { errors?: FieldError[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }

  get status(): number {
    return problemKinds[this.kind].status;
  }

  document(requestId?: string): ProblemDocument {
    const { status, title } = problemKinds[this.kind];
    const { errors } = this.more;
    return {
      type: problemTypePrefix + this.kind,
      title,
      status,
      detail: this.message,
      ...(errors === undefined ? {} : { errors }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  /** @param what for example `cluster` */
  static notFound(what: string, name: string): Problem {
    return new Problem('not-found', `there is no ${what} ${JSON.stringify(name)}, or this token may not see it`);
  }

  static conflict(detail: string): Problem {
    return new Problem('conflict', detail);
  }

  static forbidden(detail: string): Problem {
    return new Problem('forbidden', detail);
  }

  static unauthenticated(detail: string): Problem {
    return new Problem('unauthenticated', detail);
  }

  /** What was sent is wrong, field by field. */
  static invalid(errors: FieldError[]): Problem {
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const detail = first === undefined ? 'the request is not valid' : `${first.field}: ${first.message}${more}`;
    return new Problem('invalid', detail, { errors });
  }

  /** Without a field: it says which state forbids it. */
  static unprocessable(detail: string): Problem {
    return new Problem('unprocessable', detail);
  }

  static preconditionFailed(what: string, name: string, version: number): Problem {
    return new Problem(
      'precondition-failed',
      `${what} ${name} is at version ${version}, not at the one in If-Match: read it again and repeat the change`,
    );
  }

  static gone(detail: string): Problem {
    return new Problem('gone', detail);
  }

  static unavailable(detail: string, retryAfterSeconds = 5): Problem {
    return new Problem('unavailable', detail, { retryAfterSeconds });
  }
}
