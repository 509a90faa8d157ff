import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { nextPoll } from '#libs/sources/backoff';
import { Database } from '#src/hub/database/database';
import { crashPoint } from '#src/hub/stages/crash-point';
import { FlowMetrics } from '#src/hub/stages/flow-metrics';
import { Notifications } from '#src/hub/stages/notifications';
import { type Stage, StageRunner } from '#src/hub/stages/stage-runner';
import { type DueSource, FetchRepository } from './fetch.repository';
import type { FetchOutcome } from './git/port';
import { SourceReader } from './source-reader.service';

const maxFetches = 8;
const renewEveryMs = 1_500;

/** Looks at the repositories that are due: by their interval, or at once after a webhook. */
@Injectable()
export class FetchStage implements Stage, OnModuleInit, BeforeApplicationShutdown {
  readonly name = 'fetch';
  private readonly logger = new Logger(FetchStage.name);
  private readonly underWay = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly repository: FetchRepository,
    private readonly reader: SourceReader,
    private readonly notifications: Notifications,
    private readonly runner: StageRunner,
    private readonly metrics: FlowMetrics,
  ) {}

  onModuleInit(): void {
    this.runner.register(this);
  }

  /** Starts fetches and does not wait for them: a source that hangs must not keep the others from being read. */
  async runOnce(): Promise<number> {
    const free = maxFetches - this.underWay.size;
    if (free === 0 || this.stopping) return 0;
    for (const source of await this.repository.take(free)) {
      if (this.stopping) {
        await this.repository.giveBack(source);
        continue;
      }
      const fetch = this.fetch(source)
        .catch((error: unknown) => this.logger.error({ msg: 'fetch failed', source: source.name, err: error }))
        .finally(() => {
          this.underWay.delete(fetch);
          this.runner.wake(this.name);
        });
      this.underWay.add(fetch);
    }
    return 0;
  }

  /** While there still is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.underWay);
  }

  private async fetch(source: DueSource): Promise<void> {
    const renewal = setInterval(() => void this.repository.renew(source).catch(() => undefined), renewEveryMs);
    try {
      const outcome = await this.reader.fetch(source);
      this.metrics.fetches.inc({ outcome: outcome.kind });
      crashPoint('source.fetched');
      await this.store(source, outcome);
    } finally {
      clearInterval(renewal);
    }
    crashPoint('source.stored');
  }

  private async store(source: DueSource, outcome: FetchOutcome): Promise<void> {
    const failures = outcome.kind === 'failed' ? source.failures + 1 : 0;
    const pollAt = nextPoll(new Date(), source.spec.pollSeconds, failures, Math.random);
    const isNew = outcome.kind === 'fetched' && outcome.commit !== source.commit_id;
    const traceId = isNew ? `${outcome.commit.slice(0, 12)}-${randomBytes(4).toString('hex')}` : undefined;
    const stored = await this.database.transaction(async () => {
      if (outcome.kind === 'failed') {
        return await this.repository.failed(source, `${outcome.message}; ${outcome.remedy}`, pollAt);
      }
      const commit = isNew ? { ...outcome, traceId: traceId! } : undefined;
      if (!(await this.repository.succeeded(source, commit, pollAt))) return false;
      if (isNew && (await this.repository.markApplicationsDue(source.id)) > 0) {
        await this.notifications.notify('flotilla_stage', 'evaluate');
      }
      return true;
    });
    if (!stored) await this.repository.giveBack(source);
    else if (outcome.kind === 'failed')
      this.logger.warn({ msg: 'source failed', source: source.name, reason: outcome.message });
    else if (isNew) this.logger.log({ msg: 'new commit', source: source.name, commit: outcome.commit, traceId });
  }
}
