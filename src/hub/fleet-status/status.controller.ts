import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import { currentActor } from '#src/hub/http/context';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { FleetStatusService } from './status.service';
import { type FleetStatus, fleetStatusSchema } from './status.schema';
import { type Target, targetPageSchema, type TargetQuery, targetQuerySchema } from './targets.schema';
import { Targets } from './targets.service';

@ApiTags('Status')
@ApiBearerAuth('token')
@Controller('api/v1/status')
export class StatusController {
  constructor(
    private readonly status: FleetStatusService,
    private readonly targets: Targets,
  ) {}

  @Get()
  @Permission('status:read')
  @Operation({ id: 'getStatus', summary: 'The fleet in numbers, as of now', answer: fleetStatusSchema })
  async get(): Promise<FleetStatus> {
    return await this.status.now(currentActor().scope);
  }

  @Get('targets')
  @Permission('status:read')
  @Operation({ id: 'listTargets', summary: 'List the targets of all applications', answer: targetPageSchema })
  async list(@Query({ schema: targetQuerySchema }) query: TargetQuery): Promise<Page<Target>> {
    return await this.targets.page(query);
  }
}
