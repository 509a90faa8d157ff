import { Global, Module } from '@nestjs/common';
import { FlowMetrics } from './flow-metrics';
import { Notifications } from './notifications';
import { StageRunner } from './stage-runner';

@Global()
@Module({ providers: [FlowMetrics, Notifications, StageRunner], exports: [FlowMetrics, Notifications, StageRunner] })
export class StagesModule {}
