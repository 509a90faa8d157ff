import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#src/hub/access/permission.decorator';
import { OpenApi } from './openapi';

/** Descriptions of the API; not part of it themselves. */
@ApiExcludeController()
@Controller()
export class OpenApiController {
  constructor(private readonly openApi: OpenApi) {}

  @Get('api/v1/openapi.json')
  @Public('describes the API and holds nothing of the fleet')
  @Header('content-type', 'application/json')
  document(): string {
    return JSON.stringify(this.openApi.document());
  }

  @Get('docs')
  @Public('describes the API and holds nothing of the fleet')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  page(): string {
    return this.openApi.html();
  }

  @Get()
  @Public('points to the documentation')
  home(@Res() reply: FastifyReply): void {
    void reply.redirect('/docs', 302);
  }
}
