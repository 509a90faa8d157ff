import { Module } from '@nestjs/common';
import { ClusterBatchesController } from './cluster-batches.controller';
import { ClusterBatchesRepository } from './cluster-batches.repository';
import { ClusterBatches } from './cluster-batches.service';
import { ClusterRemoval } from './cluster-removal.service';
import { ClustersController } from './clusters.controller';
import { ClustersRepository } from './clusters.repository';
import { Clusters } from './clusters.service';
import { FleetChangesRepository } from './fleet-changes.repository';
import { JoinTokensRepository } from './join-tokens.repository';
import { JoinTokens } from './join-tokens.service';

@Module({
  controllers: [ClustersController, ClusterBatchesController],
  providers: [
    Clusters,
    ClusterBatches,
    ClusterBatchesRepository,
    ClusterRemoval,
    ClustersRepository,
    FleetChangesRepository,
    JoinTokens,
    JoinTokensRepository,
  ],
  exports: [Clusters, ClusterRemoval, JoinTokens],
})
export class ClustersModule {}
