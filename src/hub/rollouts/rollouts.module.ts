import { Module } from '@nestjs/common';
import { AuthoriseStage } from './authorise.stage';
import { RolloutsRepository } from './rollouts.repository';

@Module({ providers: [AuthoriseStage, RolloutsRepository] })
export class RolloutsModule {}
