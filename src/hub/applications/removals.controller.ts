import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import { type Target, targetPageSchema } from '#src/hub/fleet-status/targets.schema';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { pathNameSchema } from '#src/hub/http/path-name';
import {
  type ApproveDeletions,
  type ApprovedDeletionsAnswer,
  approvedDeletionsSchema,
  approveDeletionsSchema,
  type ConfirmedRemovals,
  confirmedRemovalsSchema,
  type ConfirmRemovals,
  confirmRemovalsSchema,
  deletionPageSchema,
  type PlainQuery,
  plainQuerySchema,
  type WaitingDeletions,
} from './removals.schema';
import { Removals } from './removals.service';

@ApiTags('Applications')
@ApiBearerAuth('token')
@Controller('api/v1/applications/:name')
export class RemovalsController {
  constructor(private readonly removals: Removals) {}

  @Get('removals')
  @Permission('applications:read')
  @Operation({
    id: 'listRemovals',
    summary: 'List targets that lost their placement and wait for a confirmation',
    answer: targetPageSchema,
  })
  async pending(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: plainQuerySchema }) query: PlainQuery,
  ): Promise<Page<Target>> {
    return await this.removals.pending(name, query);
  }

  @Post('removals/confirm')
  @Permission('applications:confirm-removal')
  @Operation({
    id: 'confirmRemovals',
    summary: 'Say what becomes of targets that lost their placement, by the names of their clusters',
    answer: confirmedRemovalsSchema,
  })
  async confirm(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: confirmRemovalsSchema }) body: ConfirmRemovals,
  ): Promise<ConfirmedRemovals> {
    return await this.removals.confirm(name, body);
  }

  @Get('deletions')
  @Permission('applications:read')
  @Operation({
    id: 'listDeletions',
    summary: 'List objects whose deletion waits for an approval, grouped by equal sets',
    answer: deletionPageSchema,
  })
  async deletions(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: plainQuerySchema }) query: PlainQuery,
  ): Promise<Page<WaitingDeletions>> {
    return await this.removals.waitingDeletions(name, query);
  }

  @Post('deletions/approve')
  @Permission('applications:approve-deletions')
  @Operation({
    id: 'approveDeletions',
    summary: 'Approve deletions that wait, by the names of objects and clusters',
    answer: approvedDeletionsSchema,
  })
  async approve(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: approveDeletionsSchema }) body: ApproveDeletions,
  ): Promise<ApprovedDeletionsAnswer> {
    return await this.removals.approve(name, body);
  }
}
