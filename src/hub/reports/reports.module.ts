import { Module } from '@nestjs/common';
import { ClustersModule } from '#src/hub/clusters/clusters.module';
import { Consequences } from './consequences';
import { ConsequencesRepository } from './consequences.repository';
import { FoldConsumer } from './fold.consumer';
import { FoldRepository } from './fold.repository';
import { RolloutCompletion } from './rollout-completion';

@Module({
  imports: [ClustersModule],
  providers: [Consequences, ConsequencesRepository, FoldConsumer, FoldRepository, RolloutCompletion],
})
export class ReportsModule {}
