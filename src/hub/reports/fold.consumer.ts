import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { groupBy } from '#libs/collections';
import { topics } from '#libs/protocol/report';
import { sessionKeyPurpose } from '#src/hub/agents/session-key';
import { Database } from '#src/hub/database/database';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { HubLog } from '#src/hub/message-log/hub-log';
import { Sealing } from '#src/hub/security/sealing';
import { crashPoint } from '#src/hub/stages/crash-point';
import { FlowMetrics } from '#src/hub/stages/flow-metrics';
import type { LogBatch, LogRecord } from '#src/log/port';
import { Consequences } from './consequences';
import { type DeadLetter, FoldRepository } from './fold.repository';
import { claimedClusters, claimedSession, openHeartbeatRecord, type OpenedRecord, openReport } from './open-records';
import { reduceHeartbeats, reduceReports } from './reduce';
import { RolloutCompletion } from './rollout-completion';

const consumerName = 'fold';
const maxBatchRecords = 1_000;
const retryMs = 1_000;

/**
 * Folds what agents say into the fleet's state. Offsets and effects go in one transaction under the lock of the
 * partition's row: a record takes effect once, whoever delivers it how often, also for a hub that was given up for dead.
 */
@Injectable()
export class FoldConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly repository: FoldRepository,
    private readonly consequences: Consequences,
    private readonly completion: RolloutCompletion,
    private readonly log: HubLog,
    private readonly sealing: Sealing,
    private readonly metrics: FlowMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // Not awaited: a hub without its log still serves roots, and says in /readyz that it is blind.
    void this.start();
  }

  onApplicationShutdown(): void {
    this.stopping = true;
  }

  private async start(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.log.consume({
          group: `flotilla-${consumerName}`,
          topics: [topics.reports, topics.heartbeats],
          startAt: (topic, partition) => this.repository.nextOffset(consumerName, topic, partition),
          onBatch: (batch) => this.fold(batch),
          maxBatchRecords,
          onError: (error) => this.logger.warn({ err: error }, 'the message log is in trouble'),
        });
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'cannot consume from the message log; trying again');
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** What PostgreSQL cannot store of one record must not hold up all that follow: it is found, and set aside. */
  private async fold(batch: LogBatch): Promise<void> {
    try {
      await this.foldWhole(batch);
    } catch (error) {
      if (!isAboutData(error)) throw error;
      const { records } = batch;
      if (records.length === 1) {
        const reason = `cannot be stored: ${(error as Error).message}`;
        await this.setAside(batch, { ok: false, record: records[0]!, reason });
        return;
      }
      const middle = Math.ceil(records.length / 2);
      await this.fold({ ...batch, records: records.slice(0, middle) });
      await this.fold({ ...batch, records: records.slice(middle) });
    }
  }

  private async setAside(batch: LogBatch, letter: OpenedRecord<never>): Promise<void> {
    await this.database.transaction(async () => {
      const { offset } = letter.record;
      const from = await this.repository.advance(consumerName, batch.topic, batch.partition, offset + 1n);
      if (offset >= from) await this.bury(batch, [letter]);
    });
  }

  private async foldWhole(batch: LogBatch): Promise<void> {
    const opened = batch.topic === topics.reports ? await this.openReports(batch) : await this.openHeartbeats(batch);
    crashPoint('report.verified');
    const next = batch.records.at(-1)!.offset + 1n;
    await this.database.transaction(async () => {
      const from = await this.repository.advance(consumerName, batch.topic, batch.partition, next);
      await opened.apply((record) => record.offset >= from);
    });
    crashPoint('report.folded');
    const { topic, partition } = batch;
    this.metrics.records.inc({ topic }, batch.records.length);
    this.metrics.logLag.set({ topic, partition }, Number(batch.highWatermark - next));
  }

  private async openReports(batch: LogBatch) {
    const agents = await this.repository.agentKeys(claimedClusters(batch.records));
    const keys = groupBy(agents, ({ cluster }) => cluster);
    const opened = batch.records.map((record) => openReport(record, keys));
    const apply = async (isNew: (record: LogRecord) => boolean): Promise<void> => {
      const fresh = opened.filter(({ record }) => isNew(record));
      const reduced = reduceReports(fresh.filter((one) => one.ok));
      const told = reduced.targets.map(({ cluster, report }) => ({ cluster, application: report.application }));
      const removals = await this.consequences.lock(told);
      const changed = await this.repository.upsertTargets(reduced.targets);
      await this.repository.raiseSnapshots(reduced.snapshots);
      await this.repository.storeFacts(reduced.facts);
      await this.consequences.of(removals);
      this.database.afterCommit(() => this.completion.note(changed.map(({ application }) => application)));
      await this.bury(batch, fresh);
    };
    return { apply };
  }

  private async openHeartbeats(batch: LogBatch) {
    const sessions = batch.records.map(claimedSession).filter((session) => session !== undefined);
    const unique = [...groupBy(sessions, ({ cluster, session }) => `${cluster}/${session}`).values()].map(
      ([one]) => one!,
    );
    const keys = new Map(
      (await this.repository.sessionKeys(unique)).map(({ cluster, session, sealed }) => {
        const owner = `${cluster}/${session}`;
        return [owner, this.sealing.open(sessionKeyPurpose, owner, sealed)] as const;
      }),
    );
    const opened = batch.records.map((record) => openHeartbeatRecord(record, keys));
    const apply = async (isNew: (record: LogRecord) => boolean): Promise<void> => {
      const fresh = opened.filter(({ record }) => isNew(record));
      await this.repository.upsertHeartbeats(reduceHeartbeats(fresh.filter((one) => one.ok)));
      await this.bury(batch, fresh);
    };
    return { apply };
  }

  /** What cannot be opened is kept aside with its reason, and blocks nothing. */
  private async bury(batch: LogBatch, opened: readonly OpenedRecord<unknown>[]): Promise<void> {
    const letters: DeadLetter[] = [];
    for (const one of opened) {
      if (one.ok) continue;
      const { offset, key, value } = one.record;
      letters.push({ topic: batch.topic, partition: batch.partition, offset, key, value, reason: one.reason });
    }
    if (letters.length === 0) return;
    this.logger.warn(
      { topic: batch.topic, count: letters.length, reason: letters[0]!.reason },
      'records were set aside as dead letters',
    );
    await this.repository.storeDeadLetters(letters);
    this.metrics.deadLetters.inc({ topic: batch.topic }, letters.length);
  }
}

/** SQLSTATE class 22, data exceptions: the same record would fail for ever. */
function isAboutData(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('22');
}
