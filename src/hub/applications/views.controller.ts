import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import {
  type ApplicationTargetQuery,
  applicationTargetQuerySchema,
  type Target,
  type TargetDetail,
  targetDetailSchema,
  targetPageSchema,
} from '#src/hub/fleet-status/targets.schema';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { pathNameSchema } from '#src/hub/http/path-name';
import { type ApplicationDiff, type DiffQuery, diffQuerySchema, diffSchema } from './diff.schema';
import { Diffs } from './diff.service';
import { type PlainQuery, plainQuerySchema } from './removals.schema';
import {
  type ExplainQuery,
  explainQuerySchema,
  type Explanation,
  explanationPageSchema,
  type Release,
  releasePageSchema,
} from './views.schema';
import { ApplicationViews } from './views.service';

@ApiTags('Applications')
@ApiBearerAuth('token')
@Controller('api/v1/applications/:name')
export class ApplicationViewsController {
  constructor(
    private readonly views: ApplicationViews,
    private readonly diffs: Diffs,
  ) {}

  @Get('explain')
  @Permission('applications:read')
  @Operation({
    id: 'explainApplication',
    summary: 'Say of every cluster why it is a target or not, and what keeps it back',
    answer: explanationPageSchema,
  })
  async explain(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: explainQuerySchema }) query: ExplainQuery,
  ): Promise<Page<Explanation>> {
    return await this.views.explain(name, query);
  }

  @Get('targets')
  @Permission('applications:read')
  @Operation({
    id: 'listApplicationTargets',
    summary: 'List the targets of an application by cluster',
    answer: targetPageSchema,
  })
  async list(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: applicationTargetQuerySchema }) query: ApplicationTargetQuery,
  ): Promise<Page<Target>> {
    return await this.views.list(name, query);
  }

  @Get('targets/:cluster')
  @Permission('applications:read')
  @Operation({ id: 'getTarget', summary: 'Show a target with all that its agent told', answer: targetDetailSchema })
  async target(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Param('cluster', { schema: pathNameSchema }) cluster: string,
  ): Promise<TargetDetail> {
    return await this.views.target(name, cluster);
  }

  @Get('releases')
  @Permission('applications:read')
  @Operation({ id: 'listReleases', summary: 'List releases, newest first', answer: releasePageSchema })
  async releases(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: plainQuerySchema }) query: PlainQuery,
  ): Promise<Page<Release>> {
    return await this.views.releases(name, query);
  }

  @Get('diff')
  @Permission('applications:read')
  @Operation({
    id: 'diffApplication',
    summary: 'Show what would change, object by object',
    description: 'Between what is assigned and what is wanted, on one cluster or on all; or between two releases.',
    answer: diffSchema,
    problems: ['conflict'],
  })
  async diff(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: diffQuerySchema }) query: DiffQuery,
  ): Promise<ApplicationDiff> {
    return await this.diffs.of(name, query);
  }
}
