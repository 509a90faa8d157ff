import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { currentActor } from '#src/hub/http/context';
import { Idempotent } from '#src/hub/http/idempotency';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { decodeCursor, type Page } from '#src/hub/http/pages';
import { AccessTokens } from './access-tokens';
import { actorText } from './actor';
import { Permission } from './permission.decorator';
import { roles } from './permissions';
import { requireUnscoped, scopeSchema } from './scope';
import {
  type CreateToken,
  createTokenSchema,
  type IssuedToken,
  issuedTokenSchema,
  type Token,
  tokenIdSchema,
  tokenOf,
  tokenPageSchema,
  tokenQuerySchema,
  tokenSchema,
} from './tokens.schema';

const whoSchema = z
  .object({ id: z.uuid(), name: z.string(), role: z.enum(roles), scope: scopeSchema, actor: z.string() })
  .meta({ id: 'Caller' });

@ApiTags('Tokens')
@ApiBearerAuth('token')
@Controller('api/v1')
export class TokensController {
  constructor(private readonly tokens: AccessTokens) {}

  @Get('caller')
  @Permission('status:read')
  @Operation({ id: 'getCaller', summary: 'Whose token this is, and what it may do', answer: whoSchema })
  caller(): z.infer<typeof whoSchema> {
    const { id, name, role, scope } = currentActor();
    return { id, name, role, scope, actor: actorText(currentActor()) };
  }

  @Get('tokens')
  @Permission('tokens:read')
  @Operation({
    id: 'listTokens',
    summary: 'List API tokens, oldest first, without their secrets',
    answer: tokenPageSchema,
  })
  async list(@Query({ schema: tokenQuerySchema }) query: z.output<typeof tokenQuerySchema>): Promise<Page<Token>> {
    requireUnscoped(currentActor());
    const after = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0];
    const { items, ...rest } = await this.tokens.list(after, query.limit);
    return { items: items.map((row) => tokenOf(row, new Date())), ...rest };
  }

  @Post('tokens')
  @Permission('tokens:write')
  @Idempotent()
  @Operation({
    id: 'createToken',
    summary: 'Make an API token; its text is shown once',
    status: 201,
    answer: issuedTokenSchema,
  })
  async create(@Body({ schema: createTokenSchema }) body: CreateToken): Promise<IssuedToken> {
    // Otherwise a token could make itself one without its restrictions.
    requireUnscoped(currentActor());
    const { token, row } = await this.tokens.issue(body);
    return { ...tokenOf(row, new Date()), token };
  }

  @Get('tokens/:id')
  @Permission('tokens:read')
  @Operation({ id: 'getToken', summary: 'Show an API token, without its secret', answer: tokenSchema })
  async get(@Param('id', { schema: tokenIdSchema }) id: string): Promise<Token> {
    requireUnscoped(currentActor());
    return tokenOf(await this.tokens.get(id), new Date());
  }

  @Delete('tokens/:id')
  @Permission('tokens:write')
  @Operation({ id: 'revokeToken', summary: 'Revoke an API token, from the next request on', answer: tokenSchema })
  async revoke(@Param('id', { schema: tokenIdSchema }) id: string): Promise<Token> {
    requireUnscoped(currentActor());
    return tokenOf(await this.tokens.revoke(id), new Date());
  }
}
