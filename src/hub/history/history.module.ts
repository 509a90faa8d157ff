import { Module } from '@nestjs/common';
import { HistoryController } from './history.controller';
import { HistoryRepository } from './history.repository';
import { History } from './history.service';
import { Partitions } from './partitions';
import { PartitionsRepository } from './partitions.repository';

@Module({
  controllers: [HistoryController],
  providers: [History, HistoryRepository, Partitions, PartitionsRepository],
  exports: [Partitions],
})
export class HistoryModule {}
