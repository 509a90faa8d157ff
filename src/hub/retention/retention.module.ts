import { Module } from '@nestjs/common';
import { HistoryModule } from '#src/hub/history/history.module';
import { NodeSweep } from './node-sweep';
import { NodeSweepRepository } from './node-sweep.repository';
import { ReleaseSweep } from './release-sweep';
import { ReleaseSweepRepository } from './release-sweep.repository';
import { Retention } from './retention';
import { RulesRepository } from './rules.repository';

@Module({
  imports: [HistoryModule],
  providers: [Retention, RulesRepository, ReleaseSweep, ReleaseSweepRepository, NodeSweep, NodeSweepRepository],
  exports: [Retention],
})
export class RetentionModule {}
