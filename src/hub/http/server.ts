import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { requestContext } from './context';
import type { Logger } from './logging';
import { problemOf, sendProblem } from './problem.filter';

export const defaultBodyLimitBytes = 1024 * 1024;
const maxHeaderlessPathLength = 500;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See `BodyLimit`. */
    bodyLimitBytes?: number;
    /** See `RawBody`. */
    rawBody?: boolean;
  }
}

/** Fastify with the hub's request ids, request context, request log and body parsers. */
export function createAdapter(logger: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: defaultBodyLimitBytes,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Behind a balancer that ends an idle connection after 60 s, ours must last longer.
    keepAliveTimeout: 72_000,
    requestTimeout: 120_000,
    // What is refused before there is a route.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, problemOf(error, request), request.id);
    },
    routerOptions: { maxParamLength: maxHeaderlessPathLength },
  });
  const instance = adapter.getInstance();
  addParsers(instance);
  instance.addHook('onRoute', (route) => {
    if (route.config?.bodyLimitBytes !== undefined) route.bodyLimit = route.config.bodyLimitBytes;
  });
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    void reply.header('x-content-type-options', 'nosniff');
    void reply.header('cache-control', 'no-store');
    requestContext.run({ requestId: request.id }, done);
  });
  instance.addHook('onResponse', (request, reply, done) => {
    logger[levelFor(request)](
      {
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        requestId: request.id,
      },
      'request',
    );
    done();
  });
  return adapter;
}

/** The route's pattern, never the address itself: it is a bounded set, and holds no secrets. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
}

/** What polls all the time is not told at every turn. */
function levelFor(request: FastifyRequest): 'info' | 'debug' {
  return /^\/(healthz|readyz|metrics|agent\/)/.test(request.url) ? 'debug' : 'info';
}

/** What the caller says, where it is harmless to repeat in headers and logs. */
function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{1,100}$/.test(header) ? header : randomUUID();
}

function addParsers(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (request.routeOptions.config.rawBody === true) done(null, body);
      else if (body.length === 0) done(null, undefined);
      else void parseJson(request, body.toString('utf8'), done);
    },
  );
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config.rawBody === true) done(null, body);
    else if (body.length === 0) done(null, undefined);
    else done(Object.assign(new Error(), { statusCode: 415, code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }), undefined);
  });
}
