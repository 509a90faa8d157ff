import { Module } from '@nestjs/common';
import { FleetStatusModule } from '#src/hub/fleet-status/fleet-status.module';
import { RolloutsModule } from '#src/hub/rollouts/rollouts.module';
import { SourcesModule } from '#src/hub/sources/sources.module';
import { ApplicationsController } from './applications.controller';
import { ApplicationsRepository } from './applications.repository';
import { Applications } from './applications.service';
import { BundleDiffs } from './bundle-diffs';
import { DiffRepository } from './diff.repository';
import { Diffs } from './diff.service';
import { RemovalsController } from './removals.controller';
import { RemovalsRepository } from './removals.repository';
import { Removals } from './removals.service';
import { ApplicationViewsController } from './views.controller';
import { ViewsRepository } from './views.repository';
import { ApplicationViews } from './views.service';

@Module({
  imports: [SourcesModule, FleetStatusModule, RolloutsModule],
  controllers: [ApplicationsController, ApplicationViewsController, RemovalsController],
  providers: [
    Applications,
    ApplicationsRepository,
    ApplicationViews,
    BundleDiffs,
    DiffRepository,
    Diffs,
    Removals,
    RemovalsRepository,
    ViewsRepository,
  ],
})
export class ApplicationsModule {}
