import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccessModule } from './access/access.module';
import { AgentsModule } from './agents/agents.module';
import { ApplicationsModule } from './applications/applications.module';
import { AuditModule } from './audit/audit.module';
import { ClustersModule } from './clusters/clusters.module';
import { HubConfigModule } from './config/config.module';
import type { HubConfig } from './config/schema';
import { DatabaseModule } from './database/database.module';
import { DeadLettersModule } from './dead-letters/dead-letters.module';
import { DesiredStateModule } from './desired-state/desired-state.module';
import { HostedAgentsModule } from './hosted-agents/hosted-agents.module';
import { FleetStatusModule } from './fleet-status/fleet-status.module';
import { HistoryModule } from './history/history.module';
import { HoldsModule } from './holds/holds.module';
import { HttpModule } from './http/http.module';
import type { Logger } from './http/logging';
import { MessageLogModule } from './message-log/message-log.module';
import { NodesModule } from './nodes/nodes.module';
import { OperationsModule } from './operations/operations.module';
import { OutgoingModule } from './outgoing/outgoing.module';
import { ReleasesModule } from './releases/releases.module';
import { ReportsModule } from './reports/reports.module';
import { RetentionModule } from './retention/retention.module';
import { RolloutsModule } from './rollouts/rollouts.module';
import { SecurityModule } from './security/security.module';
import { SourcesModule } from './sources/sources.module';
import { StagesModule } from './stages/stages.module';

@Module({})
export class HubModule {
  static of(config: HubConfig, logger: Logger): DynamicModule {
    return {
      module: HubModule,
      imports: [
        HubConfigModule.of(config),
        OutgoingModule,
        DatabaseModule,
        SecurityModule,
        HttpModule.of(logger),
        AuditModule,
        AccessModule,
        ScheduleModule.forRoot(),
        StagesModule,
        MessageLogModule,
        OperationsModule,
        NodesModule,
        SourcesModule,
        ReleasesModule,
        RolloutsModule,
        DesiredStateModule,
        AgentsModule,
        ReportsModule,
        ClustersModule,
        ApplicationsModule,
        HoldsModule,
        FleetStatusModule,
        DeadLettersModule,
        HostedAgentsModule,
        HistoryModule,
        RetentionModule,
      ],
    };
  }
}
