import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER, type Logger } from './logging';
import { requestContext } from './context';
import { Problem, type ProblemKind } from './problem';

/** PostgreSQL's ways to say: not now. */
const passing = /^(08...|40001|40P01|53...|55P03|57...|ECONNREFUSED|ECONNRESET|ETIMEDOUT)$/;

const kindByStatus: Record<number, ProblemKind> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};

const detailByCode: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'send JSON, with `Content-Type: application/json`',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than this route takes (1 MiB unless its documentation says more)',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty; send a JSON object',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON',
};

/** Whatever is thrown becomes problem+json; what was not foreseen is logged, and not told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = problemOf(error, request);
    if (problem.status >= 500) this.logger.error({ err: error, route: request.routeOptions.url }, 'request failed');
    if (reply.sent) return;
    sendProblem(reply, problem, requestContext.current()?.requestId ?? request.id);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem, requestId: string): void {
  const { retryAfterSeconds } = problem.more;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="flotilla"');
  void reply
    .code(problem.status)
    .type('application/problem+json')
    .header('x-request-id', requestId)
    .send(problem.document(requestId));
}

export function problemOf(error: unknown, request: { method: string; url: string }): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    statusCode?: unknown;
  };
  if (typeof code === 'string' && passing.test(code)) {
    return Problem.unavailable('the database cannot answer now; try again in a few seconds');
  }
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (status === 404) {
    const path = request.url.split('?')[0];
    return new Problem('not-found', `there is no ${request.method} ${path}; /docs lists what there is`);
  }
  const kind = typeof status === 'number' ? kindByStatus[status] : undefined;
  if (kind === undefined) {
    return new Problem('internal', 'an unexpected error; its cause stands in the log of the hub under this requestId');
  }
  const known = typeof code === 'string' ? detailByCode[code] : undefined;
  return new Problem(kind, known ?? (error instanceof Error ? error.message : 'the request cannot be read'));
}
