import { RouteConfig } from '@nestjs/platform-fastify';

/** A route that takes more, or less, than 1 MiB. A route has one of these decorators at most. */
export function BodyLimit(bodyLimitBytes: number): MethodDecorator {
  return RouteConfig({ bodyLimitBytes });
}

/** The body is not parsed: `@Body()` is a Buffer, of whatever content type. For what is signed as bytes, as webhooks are. */
export function RawBody(bodyLimitBytes = 1024 * 1024): MethodDecorator {
  return RouteConfig({ rawBody: true, bodyLimitBytes });
}
