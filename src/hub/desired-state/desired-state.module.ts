import { Module } from '@nestjs/common';
import { RootsRepository } from './roots.repository';
import { Roots } from './roots.service';
import { RootsStage } from './roots.stage';

@Module({ providers: [RootsRepository, Roots, RootsStage], exports: [Roots] })
export class DesiredStateModule {}
