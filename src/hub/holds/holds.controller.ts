import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Permission } from '#src/hub/access/permission.decorator';
import { Idempotent } from '#src/hub/http/idempotency';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import {
  type Halt,
  haltSchema,
  type Hold,
  holdPageSchema,
  type HoldQuery,
  holdQuerySchema,
  holdSchema,
  type Resumption,
  resumptionSchema,
} from './holds.schema';
import { Holds } from './holds.service';

@ApiTags('Holds')
@ApiBearerAuth('token')
@Controller('api/v1/holds')
export class HoldsController {
  constructor(private readonly holds: Holds) {}

  @Post()
  @Permission('holds:write')
  @Idempotent()
  @Operation({
    id: 'halt',
    summary: 'Halt the fleet, a region, a cluster or an application',
    description:
      'Once this is answered, nothing in its scope is authorised, and agents begin nothing new. It changes no running ' +
      'workload. A halt that is in force already is answered with 200, as it is.',
    status: 201,
    answer: holdSchema,
  })
  async halt(@Body({ schema: haltSchema }) body: Halt, @Res({ passthrough: true }) reply: FastifyReply): Promise<Hold> {
    const { hold, made } = await this.holds.halt(body);
    if (!made) void reply.code(200);
    return hold;
  }

  @Get()
  @Permission('holds:read')
  @Operation({ id: 'listHolds', summary: 'List halts: those in force, or those released', answer: holdPageSchema })
  async list(@Query({ schema: holdQuerySchema }) query: HoldQuery): Promise<Page<Hold>> {
    return await this.holds.list(query);
  }

  @Post('release')
  @Permission('holds:write')
  @Operation({
    id: 'resume',
    summary: 'Release a halt, so that what it held goes on',
    answer: holdSchema,
    problems: ['not-found'],
  })
  async resume(@Body({ schema: resumptionSchema }) body: Resumption): Promise<Hold> {
    return await this.holds.resume(body);
  }
}
