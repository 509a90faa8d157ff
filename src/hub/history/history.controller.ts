import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { pathNameSchema } from '#src/hub/http/path-name';
import {
  type TargetChange,
  targetChangePageSchema,
  type TargetHistoryQuery,
  targetHistoryQuerySchema,
} from './history.schema';
import { History } from './history.service';

@ApiTags('Applications')
@ApiBearerAuth('token')
@Controller('api/v1/applications/:name/targets/:cluster/history')
export class HistoryController {
  constructor(private readonly history: History) {}

  @Get()
  @Permission('applications:read')
  @Operation({
    id: 'listTargetHistory',
    summary: 'List what was told of a target, newest first',
    description: 'A change of bundle, phase, health, or whether it has drifted; kept for `retention.historyDays`.',
    answer: targetChangePageSchema,
  })
  async list(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Param('cluster', { schema: pathNameSchema }) cluster: string,
    @Query({ schema: targetHistoryQuerySchema }) query: TargetHistoryQuery,
  ): Promise<Page<TargetChange>> {
    return await this.history.of(name, cluster, query);
  }
}
