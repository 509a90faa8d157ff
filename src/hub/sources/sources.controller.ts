import { Body, Controller, Delete, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SourceDocument } from '#libs/resources/source';
import { Permission } from '#src/hub/access/permission.decorator';
import { Idempotent } from '#src/hub/http/idempotency';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { namedInPath, pathNameSchema } from '#src/hub/http/path-name';
import { IfMatch } from '#src/hub/http/versions';
import {
  type DeletedSource,
  deletedSourceSchema,
  type Source,
  sourceDocumentSchema,
  sourcePageSchema,
  type SourceQuery,
  sourceQuerySchema,
  sourceSchema,
} from './sources.schema';
import { Sources } from './sources.service';

@ApiTags('Sources')
@ApiBearerAuth('token')
@Controller('api/v1/sources')
export class SourcesController {
  constructor(private readonly sources: Sources) {}

  @Post()
  @Permission('sources:write')
  @Idempotent()
  @Operation({
    id: 'createSource',
    summary: 'Create a source; it is read at once',
    status: 201,
    answer: sourceSchema,
    problems: ['conflict'],
  })
  async create(
    @Body({ schema: sourceDocumentSchema }) body: SourceDocument,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Source> {
    void reply.header('location', `/api/v1/sources/${body.metadata.name}`);
    return await this.sources.create(body);
  }

  @Get()
  @Permission('sources:read')
  @Operation({ id: 'listSources', summary: 'List sources by name', answer: sourcePageSchema })
  async list(@Query({ schema: sourceQuerySchema }) query: SourceQuery): Promise<Page<Source>> {
    return await this.sources.list(query);
  }

  @Get(':name')
  @Permission('sources:read')
  @Operation({ id: 'getSource', summary: 'Show a source', answer: sourceSchema })
  async get(@Param('name', { schema: pathNameSchema }) name: string): Promise<Source> {
    return await this.sources.get(name);
  }

  @Put(':name')
  @Permission('sources:write')
  @Operation({
    id: 'replaceSource',
    summary: 'Replace a source, or create it (answered with 201)',
    description: 'Credentials and webhook secret stay when they are left out, and are removed by null.',
    answer: sourceSchema,
    problems: ['conflict'],
  })
  async replace(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: sourceDocumentSchema }) body: SourceDocument,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() version?: number,
  ): Promise<Source> {
    namedInPath(name, body.metadata.name);
    const { source, made } = await this.sources.replace(body, version);
    if (made) void reply.code(201);
    return source;
  }

  @Delete(':name')
  @Permission('sources:write')
  @Operation({
    id: 'deleteSource',
    summary: 'Delete a source that no application uses',
    answer: deletedSourceSchema,
    problems: ['conflict'],
  })
  async delete(@Param('name', { schema: pathNameSchema }) name: string): Promise<DeletedSource> {
    return await this.sources.delete(name);
  }

  @Post(':name/refresh')
  @Permission('sources:refresh')
  @Operation({ id: 'refreshSource', summary: 'Read a source now', status: 202, answer: sourceSchema })
  async refresh(@Param('name', { schema: pathNameSchema }) name: string): Promise<Source> {
    return await this.sources.refresh(name);
  }
}
