import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Permission } from '#src/hub/access/permission.decorator';
import { requireUnscoped } from '#src/hub/access/scope';
import { currentActor } from '#src/hub/http/context';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { AuditRepository } from './audit.repository';
import { type AuditEvent, auditEvent, auditPageSchema, type AuditQuery, auditQuerySchema } from './audit.schema';

const cursorKey = z.tuple([z.number().int()]);

@ApiTags('Audit')
@ApiBearerAuth('token')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly repository: AuditRepository) {}

  @Get()
  @Permission('audit:read')
  @Operation({ id: 'listAuditEvents', summary: 'Who changed what, newest first', answer: auditPageSchema })
  async list(@Query({ schema: auditQuerySchema }) query: AuditQuery): Promise<Page<AuditEvent>> {
    requireUnscoped(currentActor());
    const { limit, cursor, ...filter } = query;
    const rows = await this.repository.list(filter, decodeCursor(cursor, cursorKey)?.[0], limit + 1);
    return pageOf(rows, limit, (row) => [row.id], auditEvent);
  }
}
