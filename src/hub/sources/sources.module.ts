import { Module } from '@nestjs/common';
import { FetchRepository } from './fetch.repository';
import { FetchStage } from './fetch.stage';
import { SourceReader } from './source-reader.service';

@Module({ providers: [FetchRepository, FetchStage, SourceReader], exports: [SourceReader] })
export class SourcesModule {}
