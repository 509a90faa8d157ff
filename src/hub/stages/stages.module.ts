import { Global, Module } from '@nestjs/common';
import { Notifications } from './notifications';
import { StageRunner } from './stage-runner';

@Global()
@Module({ providers: [Notifications, StageRunner], exports: [Notifications, StageRunner] })
export class StagesModule {}
