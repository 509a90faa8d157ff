import { Module } from '@nestjs/common';
import { Consequences } from './consequences';
import { ConsequencesRepository } from './consequences.repository';
import { FoldConsumer } from './fold.consumer';
import { FoldRepository } from './fold.repository';

@Module({ providers: [Consequences, ConsequencesRepository, FoldConsumer, FoldRepository] })
export class ReportsModule {}
