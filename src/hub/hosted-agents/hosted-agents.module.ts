import { Module } from '@nestjs/common';
import { ClustersModule } from '#src/hub/clusters/clusters.module';
import { CredentialsRepository } from './credentials.repository';
import { Credentials } from './credentials.service';
import { HostingController } from './hosting.controller';
import { HostingRepository } from './hosting.repository';
import { Hosting } from './hosting.service';
import { LeasesRepository } from './leases.repository';
import { OwnAddress } from './own-address';
import { Supervisor } from './supervisor.service';

/** Agents that run in the hub, for clusters that were added by kubeconfig. */
@Module({
  imports: [ClustersModule],
  controllers: [HostingController],
  providers: [Credentials, CredentialsRepository, Hosting, HostingRepository, LeasesRepository, OwnAddress, Supervisor],
})
export class HostedAgentsModule {}
