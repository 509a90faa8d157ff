import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import {
  type DeregisteredBatch,
  deregisteredBatchSchema,
  type NamesBatch,
  namesBatchSchema,
  type RegisterBatch,
  registerBatchSchema,
  type RegisteredBatch,
  registeredBatchSchema,
} from './cluster-batches.schema';
import { ClusterBatches } from './cluster-batches.service';
import { ClusterRemoval } from './cluster-removal.service';

@ApiTags('Clusters')
@ApiBearerAuth('token')
@Controller('api/v1/batch/clusters')
export class ClusterBatchesController {
  constructor(
    private readonly batches: ClusterBatches,
    private readonly removal: ClusterRemoval,
  ) {}

  @Post('register')
  @Permission('clusters:register')
  @Operation({
    id: 'registerClusters',
    summary: 'Register up to 500 clusters; those that are there already stay as they are',
    answer: registeredBatchSchema,
    problems: ['conflict'],
  })
  async register(@Body({ schema: registerBatchSchema }) body: RegisterBatch): Promise<RegisteredBatch> {
    return await this.batches.register(body);
  }

  @Post('join-tokens')
  @Permission('clusters:rejoin')
  @Operation({
    id: 'renewJoinTokens',
    summary: 'Make new join tokens for up to 500 clusters, so that their agents may join with other keys',
    answer: registeredBatchSchema,
    problems: ['conflict', 'not-found'],
  })
  async renewJoinTokens(@Body({ schema: namesBatchSchema }) { names }: NamesBatch): Promise<RegisteredBatch> {
    return await this.batches.renewJoinTokens(names);
  }

  @Post('deregister')
  @Permission('clusters:deregister')
  @Operation({
    id: 'deregisterClusters',
    summary: 'Deregister up to 500 clusters and leave their workloads as they are; unknown names are passed over',
    answer: deregisteredBatchSchema,
  })
  async deregister(@Body({ schema: namesBatchSchema }) { names }: NamesBatch): Promise<DeregisteredBatch> {
    return { items: await this.removal.deregisterAll(names) };
  }
}
