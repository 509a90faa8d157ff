import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import { actorText } from '#src/hub/access/actor';
import type { HubConfig } from '#src/hub/config/schema';
import { requestContext } from './context';
import { hidden, redactText } from './redaction';

export type { Logger } from 'pino';

/** Injection token of the hub's `Logger`. */
export const LOGGER = Symbol('Logger');

const secretPaths = ['authorization', 'token', 'joinToken', 'secret', 'password', 'credentials', 'kubeconfig'];

/** JSON lines; within a request each carries `requestId` and `actor`. Secrets are hidden by name and by form. */
export function createLogger(level: HubConfig['logging']['level'], destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'flotilla-hub' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: hidden },
      serializers: { err: describeError, error: describeError },
      mixin: () => {
        const context = requestContext.current();
        if (context === undefined) return {};
        const actor = context.actor === undefined ? {} : { actor: actorText(context.actor) };
        return { requestId: context.requestId, ...actor };
      },
      hooks: {
        logMethod(parameters, method) {
          const safe = parameters.map((part) => (typeof part === 'string' ? redactText(part) : part));
          method.apply(this, safe as Parameters<typeof method>);
        },
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** Not the error itself: those of the database carry the parameters of the statement. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redactText(String(error));
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

/** What Nest says of its own start is for debugging. */
const nestOwn = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** For Nest's `Logger`: `logger.log('text')`, or `logger.log({ msg: 'text', cluster: 'fra-1' })` for a line with fields. */
export function nestLogger(logger: Logger): LoggerService {
  const write = (level: Level, message: unknown, rest: unknown[]): void => {
    const context = typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : undefined;
    const at = level === 'info' && context !== undefined && nestOwn.has(context) ? 'debug' : level;
    const stack =
      level === 'error' && rest.length > 1 && typeof rest[0] === 'string' ? { stack: redactText(rest[0]) } : {};
    const fields = { ...(context === undefined ? {} : { context }), ...stack };
    if (message instanceof Error) logger[at]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) logger[at]({ ...fields, ...message });
    else logger[at](fields, String(message));
  };
  return {
    log: (message, ...rest) => write('info', message, rest),
    error: (message, ...rest) => write('error', message, rest),
    warn: (message, ...rest) => write('warn', message, rest),
    debug: (message, ...rest) => write('debug', message, rest),
    verbose: (message, ...rest) => write('trace', message, rest),
    fatal: (message, ...rest) => write('fatal', message, rest),
  };
}
