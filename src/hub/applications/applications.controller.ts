import { Body, Controller, Delete, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ApplicationDocument } from '#libs/resources/application';
import { Permission } from '#src/hub/access/permission.decorator';
import { Idempotent } from '#src/hub/http/idempotency';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { namedInPath, pathNameSchema } from '#src/hub/http/path-name';
import { IfMatch } from '#src/hub/http/versions';
import {
  type Application,
  type ApplicationDeletion,
  applicationDeletionSchema,
  applicationDocumentSchema,
  applicationPageSchema,
  type ApplicationQuery,
  applicationQuerySchema,
  applicationSchema,
  type DeleteApplicationQuery,
  deleteApplicationQuerySchema,
} from './applications.schema';
import { Applications } from './applications.service';
import { Removals } from './removals.service';

@ApiTags('Applications')
@ApiBearerAuth('token')
@Controller('api/v1/applications')
export class ApplicationsController {
  constructor(
    private readonly applications: Applications,
    private readonly removals: Removals,
  ) {}

  @Post()
  @Permission('applications:write')
  @Idempotent()
  @Operation({
    id: 'createApplication',
    summary: 'Create an application; it is placed and rendered at once',
    status: 201,
    answer: applicationSchema,
    problems: ['conflict'],
  })
  async create(
    @Body({ schema: applicationDocumentSchema }) body: ApplicationDocument,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Application> {
    void reply.header('location', `/api/v1/applications/${body.metadata.name}`);
    return await this.applications.create(body);
  }

  @Get()
  @Permission('applications:read')
  @Operation({
    id: 'listApplications',
    summary: 'List applications by name, with their targets counted',
    answer: applicationPageSchema,
  })
  async list(@Query({ schema: applicationQuerySchema }) query: ApplicationQuery): Promise<Page<Application>> {
    return await this.applications.list(query);
  }

  @Get(':name')
  @Permission('applications:read')
  @Operation({ id: 'getApplication', summary: 'Show an application', answer: applicationSchema })
  async get(@Param('name', { schema: pathNameSchema }) name: string): Promise<Application> {
    return await this.applications.get(name);
  }

  @Put(':name')
  @Permission('applications:write')
  @Operation({
    id: 'replaceApplication',
    summary: 'Replace an application, or create it (answered with 201)',
    answer: applicationSchema,
    problems: ['conflict'],
  })
  async replace(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: applicationDocumentSchema }) body: ApplicationDocument,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() version?: number,
  ): Promise<Application> {
    namedInPath(name, body.metadata.name);
    const { application, made } = await this.applications.replace(body, version);
    if (made) void reply.code(201);
    return application;
  }

  @Delete(':name')
  @Permission('applications:delete')
  @Operation({
    id: 'deleteApplication',
    summary: 'Delete an application, leaving or removing its workloads',
    answer: applicationDeletionSchema,
  })
  async delete(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: deleteApplicationQuerySchema }) { workloads }: DeleteApplicationQuery,
  ): Promise<ApplicationDeletion> {
    return await this.removals.deleteApplication(name, workloads);
  }

  @Post(':name/sync')
  @Permission('applications:sync')
  @Operation({
    id: 'syncApplication',
    summary: 'Read the source of an application now, and place and render it again',
    status: 202,
    answer: applicationSchema,
    problems: ['conflict'],
  })
  async sync(@Param('name', { schema: pathNameSchema }) name: string): Promise<Application> {
    return await this.applications.sync(name);
  }
}
