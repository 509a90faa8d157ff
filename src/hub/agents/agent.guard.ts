import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '#src/hub/http/problem';
import type { AgentCluster } from './agents.repository';
import { AgentTokens } from './agent-tokens.service';

const clusterOfRequest = new WeakMap<FastifyRequest, AgentCluster>();

/** Agents prove themselves with a token of ten minutes that stands for their key; who they are comes from it alone. */
@Injectable()
export class AgentGuard implements CanActivate {
  constructor(private readonly tokens: AgentTokens) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined) {
      throw new Problem('unauthenticated', 'send the token that /agent/v1/token gave: `Authorization: Bearer …`');
    }
    clusterOfRequest.set(request, await this.tokens.authenticate(token));
    return true;
  }
}

/** The cluster whose agent asks. Only behind `AgentGuard`. */
export const CallingCluster = createParamDecorator((_: unknown, context: ExecutionContext): AgentCluster => {
  const cluster = clusterOfRequest.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (cluster === undefined) throw new Error('a route of agents without AgentGuard');
  return cluster;
});
