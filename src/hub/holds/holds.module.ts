import { Module } from '@nestjs/common';
import { HoldsController } from './holds.controller';
import { HoldsRepository } from './holds.repository';
import { Holds } from './holds.service';

/** Emergency halts. */
@Module({ controllers: [HoldsController], providers: [Holds, HoldsRepository], exports: [Holds] })
export class HoldsModule {}
