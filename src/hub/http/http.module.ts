import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { IdempotencyInterceptor } from './idempotency';
import { IdempotencyRepository } from './idempotency.repository';
import { LOGGER, type Logger } from './logging';
import { OpenApi } from './openapi/openapi';
import { OpenApiController } from './openapi/openapi.controller';
import { ProblemFilter } from './problem.filter';
import { PublicUrl } from './public-url';
import { SchemaPipe } from './schema.pipe';
import { EtagInterceptor } from './versions';

/** What every route has: validation, errors, versions; and for every module the logger. */
@Global()
@Module({})
export class HttpModule {
  static of(logger: Logger): DynamicModule {
    return {
      module: HttpModule,
      controllers: [OpenApiController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: SchemaPipe },
        { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
        IdempotencyInterceptor,
        IdempotencyRepository,
        OpenApi,
        PublicUrl,
      ],
      exports: [LOGGER, IdempotencyInterceptor, IdempotencyRepository, OpenApi, PublicUrl],
    };
  }
}
