import { Global, Module } from '@nestjs/common';
import { HttpMetrics } from './http-metrics';
import { Metrics } from './metrics';
import { OperationsController } from './operations.controller';
import { OwnChecks } from './own-checks';
import { Readiness } from './readiness';
import { Retention } from './retention';
import { RetentionRepository } from './retention.repository';

/** Probes and metrics; other modules register theirs with `Readiness` and `Metrics`. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [Metrics, HttpMetrics, Readiness, OwnChecks, Retention, RetentionRepository],
  exports: [Metrics, Readiness, Retention],
})
export class OperationsModule {}
