import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Public } from '#src/hub/access/permission.decorator';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { Metrics } from './metrics';
import { Readiness, type ReadinessOutcome } from './readiness';

const healthSchema = z.object({ status: z.literal('alive') }).meta({ id: 'Health' });
const readinessSchema = z
  .object({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    checks: z.array(z.object({ name: z.string(), required: z.boolean(), ok: z.boolean(), message: z.string() })),
  })
  .meta({ id: 'Readiness' });

const forProbes = 'probes and scrapers have no token, and it tells nothing of the fleet';

@ApiTags('Operations')
@Controller()
export class OperationsController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @Public(forProbes)
  @Operation({ id: 'getHealth', summary: 'Whether the process is alive', answer: healthSchema })
  health(): z.infer<typeof healthSchema> {
    return { status: 'alive' };
  }

  @Get('readyz')
  @Public(forProbes)
  @Operation({
    id: 'getReadiness',
    summary: 'Whether the hub can serve; 503 with the same form when it cannot',
    answer: readinessSchema,
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessOutcome> {
    const outcome = await this.readiness.outcome();
    if (outcome.status === 'unavailable') void reply.code(503);
    return outcome;
  }

  @Get('metrics')
  @Public(forProbes)
  @Operation({ id: 'getMetrics', summary: 'Metrics for Prometheus', contentType: 'text/plain' })
  async prometheus(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.metrics.registry.contentType);
    return await this.metrics.registry.metrics();
  }
}
