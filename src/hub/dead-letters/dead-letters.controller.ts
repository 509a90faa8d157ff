import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Permission } from '#src/hub/access/permission.decorator';
import { requireUnscoped } from '#src/hub/access/scope';
import { currentActor } from '#src/hub/http/context';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { decodeCursor, type Page, pageOf, pageQuery, pageSchema } from '#src/hub/http/pages';
import { DeadLettersRepository, type DeadLetterRow } from './dead-letters.repository';

const deadLetterSchema = z
  .object({
    topic: z.string(),
    partition: z.number().int(),
    offset: z.number().int(),
    key: z.string().optional().describe('the cluster that it claims to be about'),
    reason: z.string().describe('why it was set aside'),
    value: z.string().describe('its first 2,000 bytes as text; proven by nothing'),
    sizeBytes: z.number().int(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'DeadLetter' });

const deadLetterQuerySchema = z.strictObject({ ...pageQuery, topic: z.string().max(249).optional() });
const cursorKey = z.tuple([z.string().max(249), z.number().int(), z.number().int()]);

@ApiTags('Status')
@ApiBearerAuth('token')
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly repository: DeadLettersRepository) {}

  @Get()
  @Permission('dead-letters:read')
  @Operation({
    id: 'listDeadLetters',
    summary: 'List records of the message log that could not be taken for what they claim to be',
    answer: pageSchema(deadLetterSchema, 'DeadLetterPage'),
  })
  async list(
    @Query({ schema: deadLetterQuerySchema }) query: z.output<typeof deadLetterQuerySchema>,
  ): Promise<Page<z.infer<typeof deadLetterSchema>>> {
    requireUnscoped(currentActor());
    const { limit, cursor, topic } = query;
    const rows = await this.repository.list(topic, decodeCursor(cursor, cursorKey), limit + 1);
    return pageOf(rows, limit, (row) => [row.topic, row.partition, row.offset], deadLetterOf);
  }
}

function deadLetterOf(row: DeadLetterRow): z.infer<typeof deadLetterSchema> {
  return {
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    key: row.key ?? undefined,
    reason: row.reason,
    value: row.value.toString('utf8'),
    sizeBytes: row.size_bytes,
    at: row.at.toISOString(),
  };
}
