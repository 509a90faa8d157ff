import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Permission } from '#src/hub/access/permission.decorator';
import { BodyLimit } from '#src/hub/http/body.decorators';
import { Operation } from '#src/hub/http/openapi/operation.decorator';
import { pathNameSchema } from '#src/hub/http/path-name';
import {
  type HostCluster,
  hostClusterSchema,
  type HostedCluster,
  hostedClusterSchema,
  type UnhostedCluster,
  unhostedClusterSchema,
} from './hosting.schema';
import { Hosting } from './hosting.service';

/** The kubeconfig at its largest, when JSON doubles every character of it. */
const maxBodyBytes = 160 * 1024;

@ApiTags('Clusters')
@ApiBearerAuth('token')
@Controller('api/v1/clusters/:name/host')
export class HostingController {
  constructor(private readonly hosting: Hosting) {}

  @Get()
  @Permission('clusters:read')
  @Operation({
    id: 'getHostedCluster',
    summary: 'Show how the hub hosts the agent of a cluster, without its credential',
    answer: hostedClusterSchema,
  })
  async show(@Param('name', { schema: pathNameSchema }) name: string): Promise<HostedCluster> {
    return await this.hosting.show(name);
  }

  @Put()
  @Permission('clusters:host')
  @BodyLimit(maxBodyBytes)
  @Operation({
    id: 'hostCluster',
    summary: 'Have the hub host the agent of a cluster, or give it another credential',
    answer: hostedClusterSchema,
    problems: ['conflict'],
  })
  async host(
    @Param('name', { schema: pathNameSchema }) name: string,
    @Body({ schema: hostClusterSchema }) body: HostCluster,
  ): Promise<HostedCluster> {
    return await this.hosting.host(name, body.kubeconfig);
  }

  @Delete()
  @Permission('clusters:host')
  @Operation({
    id: 'unhostCluster',
    summary: 'Stop hosting the agent of a cluster and forget its credential; the cluster stays',
    answer: unhostedClusterSchema,
  })
  async unhost(@Param('name', { schema: pathNameSchema }) name: string): Promise<UnhostedCluster> {
    return await this.hosting.unhost(name);
  }
}
