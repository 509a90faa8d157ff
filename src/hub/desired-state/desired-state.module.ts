import { Module } from '@nestjs/common';
import { Ahead } from './ahead';
import { AheadRepository } from './ahead.repository';
import { RootsRepository } from './roots.repository';
import { Roots } from './roots.service';
import { RootsStage } from './roots.stage';

@Module({ providers: [RootsRepository, Roots, RootsStage, Ahead, AheadRepository], exports: [Roots, Ahead] })
export class DesiredStateModule {}
