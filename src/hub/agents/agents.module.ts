import { Module } from '@nestjs/common';
import { DesiredStateModule } from '#src/hub/desired-state/desired-state.module';
import { AgentGuard } from './agent.guard';
import { AgentKeys } from './agent-keys.service';
import { AgentTokens } from './agent-tokens.service';
import { AgentsController } from './agents.controller';
import { AgentsRepository } from './agents.repository';
import { Differences } from './differences';
import { Joining } from './joining.service';
import { NodeReader } from './node-reader.service';
import { Records } from './records.service';
import { Sessions } from './sessions.service';
import { Sync } from './sync.service';
import { Waiting } from './waiting';

@Module({
  imports: [DesiredStateModule],
  controllers: [AgentsController],
  providers: [
    AgentGuard,
    AgentKeys,
    AgentTokens,
    AgentsRepository,
    Differences,
    Joining,
    NodeReader,
    Records,
    Sessions,
    Sync,
    Waiting,
  ],
})
export class AgentsModule {}
