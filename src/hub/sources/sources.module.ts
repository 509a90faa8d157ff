import { Module } from '@nestjs/common';
import { FetchRepository } from './fetch.repository';
import { FetchStage } from './fetch.stage';
import { SourceReader } from './source-reader.service';
import { SourcesController } from './sources.controller';
import { SourcesRepository } from './sources.repository';
import { Sources } from './sources.service';
import { WebhooksController } from './webhooks.controller';
import { Webhooks } from './webhooks.service';

@Module({
  controllers: [SourcesController, WebhooksController],
  providers: [FetchRepository, FetchStage, SourceReader, Sources, SourcesRepository, Webhooks],
  exports: [SourceReader, Sources],
})
export class SourcesModule {}
