import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  type ClusterDocument,
  clusterDocumentSchema,
  type ClusterPatch,
  clusterPatchSchema,
  declarationOf,
  patched,
} from '#libs/resources/cluster';
import { Permission } from '#src/hub/access/permission.decorator';
import { Idempotent } from '#src/hub/http/idempotency';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import type { Page } from '#src/hub/http/pages';
import { namedInPath, pathNameSchema } from '#src/hub/http/path-name';
import { IfMatch } from '#src/hub/http/versions';
import { ClusterRemoval } from './cluster-removal.service';
import {
  type Cluster,
  clusterPageSchema,
  type ClusterQuery,
  clusterQuerySchema,
  clusterSchema,
  type Deregistration,
  deregistrationSchema,
  type DeregisterQuery,
  deregisterQuerySchema,
  type RegisteredCluster,
  registeredClusterSchema,
} from './clusters.schema';
import { Clusters } from './clusters.service';

@ApiTags('Clusters')
@ApiBearerAuth('token')
@Controller('api/v1/clusters')
export class ClustersController {
  constructor(
    private readonly clusters: Clusters,
    private readonly removal: ClusterRemoval,
  ) {}

  @Post()
  @Permission('clusters:register')
  @Idempotent()
  @Operation({
    id: 'registerCluster',
    summary: 'Register a cluster; the command that joins it is shown once',
    status: 201,
    answer: registeredClusterSchema,
    problems: ['conflict'],
  })
  async register(
    @Body({ schema: clusterDocumentSchema }) body: ClusterDocument,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegisteredCluster> {
    void reply.header('location', `/api/v1/clusters/${body.metadata.name}`);
    return await this.clusters.register(body);
  }

  @Get()
  @Permission('clusters:read')
  @Operation({ id: 'listClusters', summary: 'List clusters by name', answer: clusterPageSchema })
  async list(@Query({ schema: clusterQuerySchema }) query: ClusterQuery): Promise<Page<Cluster>> {
    return await this.clusters.list(query);
  }

  @Get(':name')
  @Permission('clusters:read')
  @Operation({ id: 'getCluster', summary: 'Show a cluster', answer: clusterSchema })
  async get(@Param('name', { schema: pathNameSchema }) name: string): Promise<Cluster> {
    return await this.clusters.get(name);
  }

  @Put(':name')
  @Permission('clusters:write')
  @Operation({
    id: 'replaceCluster',
    summary: 'Replace what is declared of a cluster',
    answer: clusterSchema,
    problems: ['conflict'],
  })
  async replace(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: clusterDocumentSchema }) body: ClusterDocument,
    @IfMatch() version?: number,
  ): Promise<Cluster> {
    namedInPath(name, body.metadata.name);
    return await this.clusters.change(name, version, () => declarationOf(body));
  }

  @Patch(':name')
  @Permission('clusters:write')
  @Operation({
    id: 'patchCluster',
    summary: 'Change labels, region, service account or cordon of a cluster by a merge patch',
    answer: clusterSchema,
    problems: ['conflict'],
  })
  async patch(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: clusterPatchSchema }) body: ClusterPatch,
    @IfMatch() version?: number,
  ): Promise<Cluster> {
    return await this.clusters.change(name, version, (now) => patched(now, body));
  }

  @Post(':name/cordon')
  @Permission('clusters:cordon')
  @Operation({
    id: 'cordonCluster',
    summary: 'Authorise nothing new on a cluster',
    answer: clusterSchema,
    problems: ['conflict'],
  })
  async cordon(@Param('name', { schema: pathNameSchema }) name: string): Promise<Cluster> {
    return await this.clusters.change(name, undefined, (now) => ({ ...now, cordoned: true }), 'cluster.cordon');
  }

  @Post(':name/uncordon')
  @Permission('clusters:cordon')
  @Operation({
    id: 'uncordonCluster',
    summary: 'Authorise on a cluster again',
    answer: clusterSchema,
    problems: ['conflict'],
  })
  async uncordon(@Param('name', { schema: pathNameSchema }) name: string): Promise<Cluster> {
    return await this.clusters.change(name, undefined, (now) => ({ ...now, cordoned: false }), 'cluster.uncordon');
  }

  @Post(':name/join-token')
  @Permission('clusters:rejoin')
  @Idempotent()
  @Operation({
    id: 'renewJoinToken',
    summary: 'Make a new join token, so that the agent may join with another key',
    status: 201,
    answer: registeredClusterSchema,
    problems: ['conflict'],
  })
  async renewJoinToken(@Param('name', { schema: pathNameSchema }) name: string): Promise<RegisteredCluster> {
    return await this.clusters.renewJoinToken(name);
  }

  @Post(':name/revoke')
  @Permission('clusters:revoke')
  @Operation({
    id: 'revokeCluster',
    summary: 'Refuse the agent of a cluster from now on',
    answer: clusterSchema,
    problems: ['conflict'],
  })
  async revoke(@Param('name', { schema: pathNameSchema }) name: string): Promise<Cluster> {
    return await this.clusters.revoke(name);
  }

  @Delete(':name')
  @Permission('clusters:deregister')
  @Operation({
    id: 'deregisterCluster',
    summary: 'Deregister a cluster, leaving or removing its workloads',
    answer: deregistrationSchema,
    problems: ['conflict'],
  })
  async deregister(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Query({ schema: deregisterQuerySchema }) { workloads }: DeregisterQuery,
  ): Promise<Deregistration> {
    return await this.removal.deregister(name, workloads);
  }
}
