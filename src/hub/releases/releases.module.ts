import { Module } from '@nestjs/common';
import { SourcesModule } from '#src/hub/sources/sources.module';
import { EvaluateStage } from './evaluate.stage';
import { EvaluationRepository } from './evaluation.repository';
import { Renderings } from './rendering.service';

@Module({ imports: [SourcesModule], providers: [EvaluateStage, EvaluationRepository, Renderings] })
export class ReleasesModule {}
