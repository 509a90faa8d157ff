import { Module } from '@nestjs/common';
import { CacheSweep } from './cache-sweep';
import { CacheSweepRepository } from './cache-sweep.repository';
import { FetchRepository } from './fetch.repository';
import { FetchStage } from './fetch.stage';
import { InstallationTokens } from './github-app/installation-tokens';
import { SourceReader } from './source-reader.service';
import { SourcesController } from './sources.controller';
import { SourcesRepository } from './sources.repository';
import { Sources } from './sources.service';
import { WebhooksController } from './webhooks.controller';
import { Webhooks } from './webhooks.service';

@Module({
  controllers: [SourcesController, WebhooksController],
  providers: [
    CacheSweep,
    CacheSweepRepository,
    FetchRepository,
    FetchStage,
    InstallationTokens,
    SourceReader,
    Sources,
    SourcesRepository,
    Webhooks,
  ],
  exports: [SourceReader, Sources],
})
export class SourcesModule {}
