import { Global, Module } from '@nestjs/common';
import { HttpMetrics } from './http-metrics';
import { Metrics } from './metrics';
import { OperationsController } from './operations.controller';
import { OwnChecks } from './own-checks';
import { Readiness } from './readiness';

/** Probes and metrics; other modules register theirs with `Readiness` and `Metrics`. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [Metrics, HttpMetrics, Readiness, OwnChecks],
  exports: [Metrics, Readiness],
})
export class OperationsModule {}
