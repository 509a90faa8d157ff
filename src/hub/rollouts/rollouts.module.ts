import { Module } from '@nestjs/common';
import { ApprovedDeletions } from './approved-deletions.service';
import { AuthoriseStage } from './authorise.stage';
import { RolloutsRepository } from './rollouts.repository';

@Module({ providers: [ApprovedDeletions, AuthoriseStage, RolloutsRepository], exports: [ApprovedDeletions] })
export class RolloutsModule {}
