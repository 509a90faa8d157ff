import { Module } from '@nestjs/common';
import { DesiredStateModule } from '#src/hub/desired-state/desired-state.module';
import { HoldsModule } from '#src/hub/holds/holds.module';
import { LogSight } from './log-sight';
import { LogSightRepository } from './log-sight.repository';
import { StatusController } from './status.controller';
import { StatusRepository } from './status.repository';
import { FleetStatusService } from './status.service';
import { TargetsRepository } from './targets.repository';
import { Targets } from './targets.service';

/** What the fleet is like now: counted, and target by target. */
@Module({
  imports: [HoldsModule, DesiredStateModule],
  controllers: [StatusController],
  providers: [FleetStatusService, LogSight, LogSightRepository, StatusRepository, Targets, TargetsRepository],
  exports: [Targets],
})
export class FleetStatusModule {}
