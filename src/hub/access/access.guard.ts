import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { requestContext } from '#src/hub/http/context';
import { Problem } from '#src/hub/http/problem';
import { AccessTokens } from './access-tokens';
import { FailedAttempts } from './failed-attempts';
import { permissionKey, publicKey } from './permission.decorator';
import { allows, type Permission, permissions } from './permissions';

/** Before every route. One without a permission is refused, not let through: forgetting fails safe. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly failedAttempts: FailedAttempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.get<string | undefined>(publicKey, context.getHandler()) !== undefined) return true;
    const permission = this.reflector.get<Permission | undefined>(permissionKey, context.getHandler());
    if (permission === undefined) throw Problem.forbidden('this route has no permission; tell the makers of Flotilla');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const actor = await this.authenticate(request);
    const current = requestContext.current();
    if (current === undefined) throw new Error('a request without its context');
    current.actor = actor;
    if (!allows(actor.role, permission)) {
      throw Problem.forbidden(
        `${permission} needs the role ${permissions[permission]}; token ${actor.name} has the role ${actor.role}`,
      );
    }
    return true;
  }

  private async authenticate(request: FastifyRequest) {
    const token = bearerOf(request.headers.authorization);
    const waitSeconds = this.failedAttempts.waitSeconds(request.ip, token);
    if (waitSeconds > 0) {
      throw new Problem(
        'too-many-requests',
        `too many wrong tokens from ${request.ip}; try again in ${waitSeconds} seconds`,
        { retryAfterSeconds: waitSeconds },
      );
    }
    const verdict = await this.tokens.check(token);
    if (!verdict.ok) {
      this.failedAttempts.failed(request.ip);
      throw Problem.unauthenticated(verdict.message);
    }
    this.failedAttempts.succeeded(token);
    return verdict.actor;
  }
}

function bearerOf(header: string | undefined): string {
  if (header === undefined) {
    throw Problem.unauthenticated('send an API token: `Authorization: Bearer flt_…` (`flotilla login` stores one)');
  }
  const match = /^Bearer +(\S+)$/i.exec(header);
  if (match?.[1] === undefined) throw Problem.unauthenticated('the header must be `Authorization: Bearer flt_…`');
  return match[1];
}
