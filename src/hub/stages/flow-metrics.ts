import { Injectable } from '@nestjs/common';
import { Metrics } from '#src/hub/operations/metrics';

/** What goes round the ring, counted: from commits to what agents say. */
@Injectable()
export class FlowMetrics {
  readonly stageSeconds;
  readonly stageFailures;
  readonly fetches;
  readonly releases;
  readonly authorisations;
  readonly roots;
  readonly records;
  readonly deadLetters;
  readonly logLag;

  constructor(metrics: Metrics) {
    this.stageSeconds = metrics.histogram({
      name: 'flotilla_stage_seconds',
      help: 'How long a pass of a stage took that had something to do',
      labelNames: ['stage'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    });
    this.stageFailures = metrics.counter({
      name: 'flotilla_stage_failures_total',
      help: 'Passes of a stage that failed and were tried again',
      labelNames: ['stage'],
    });
    this.fetches = metrics.counter({
      name: 'flotilla_fetches_total',
      help: 'Looks at Git repositories: fetched, unchanged or failed',
      labelNames: ['outcome'],
    });
    this.releases = metrics.counter({ name: 'flotilla_releases_total', help: 'Releases made of applications' });
    this.authorisations = metrics.counter({
      name: 'flotilla_authorisations_total',
      help: 'Targets that were authorised: deliveries and removals',
      labelNames: ['kind'],
    });
    this.roots = metrics.counter({ name: 'flotilla_roots_built_total', help: 'Roots that changed' });
    this.records = metrics.counter({
      name: 'flotilla_records_folded_total',
      help: 'Records of agents that were taken in',
      labelNames: ['topic'],
    });
    this.deadLetters = metrics.counter({
      name: 'flotilla_dead_letters_total',
      help: 'Records that were set aside since they could not be believed or read',
      labelNames: ['topic'],
    });
    this.logLag = metrics.gauge({
      name: 'flotilla_log_lag_records',
      help: 'How many records of a partition of the message log wait behind the last batch that was taken in',
      labelNames: ['topic', 'partition'],
    });
  }
}
