import { Body, Controller, Param, Post, Req } from '@nestjs/common';
import { ApiBody, type ApiBodyOptions, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { maxWebhookBodyBytes } from '#libs/sources/webhooks/read-webhook';
import { Public } from '#src/hub/access/permission.decorator';
import { RawBody } from '#src/hub/http/body.decorators';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { pathNameSchema } from '#src/hub/http/path-name';
import { type WebhookAnswer, webhookAnswerSchema, webhookBodySchema } from './sources.schema';
import { Webhooks } from './webhooks.service';

@ApiTags('Sources')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Post(':source')
  @Public('a signature over the body by the secret of the source')
  @RawBody(maxWebhookBodyBytes)
  // Taken as the scanner takes it; only its type does not say so.
  @ApiBody({ standardSchema: webhookBodySchema } as ApiBodyOptions)
  @Operation({
    id: 'receiveWebhook',
    summary: 'A push to the repository of a source, as its forge sends it or in the generic form',
    description:
      'Proved by the webhook secret of the source, as GitHub (X-Hub-Signature-256), GitLab (X-Gitlab-Token, or ' +
      'webhook-signature with a signing token), Gitea and Forgejo (X-Gitea-Signature) and Bitbucket (X-Hub-Signature) do; ' +
      'or X-Flotilla-Timestamp (seconds since 1970) and X-Flotilla-Signature (`sha256=` and the HMAC-SHA256 of ' +
      '`<timestamp>.<body>` in hexadecimal) with a body of `{ "url", "ref", "commit" }`, all of which may be left out.',
    status: 202,
    answer: webhookAnswerSchema,
    problems: ['unauthenticated', 'too-large', 'unsupported-media-type'],
  })
  async receive(
    @Param('source', { schema: pathNameSchema }) source: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<WebhookAnswer> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    return await this.webhooks.receive(source, { headers: request.headers, body: bytes });
  }
}
