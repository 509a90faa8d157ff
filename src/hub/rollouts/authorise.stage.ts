import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { decide, type Decision } from '#libs/rollout/decide';
import { NIL as nilUuid } from 'uuid';
import { Database } from '#src/hub/database/database';
import { holdLock } from '#src/hub/database/fragments';
import { crashPoint } from '#src/hub/stages/crash-point';
import { FlowMetrics } from '#src/hub/stages/flow-metrics';
import { Notifications } from '#src/hub/stages/notifications';
import { type Stage, StageRunner } from '#src/hub/stages/stage-runner';
import { ApprovedDeletions } from './approved-deletions.service';
import { type DueApplication, RolloutsRepository } from './rollouts.repository';

const retryMs = 5_000;
const maxIdleMs = 5_000;

/**
 * Authorises, one application at a time: reads what is wanted and what is, decides, and writes the outcome in the same
 * transaction, under the lock of the application's row. So no target is authorised twice, by any number of hubs.
 */
@Injectable()
export class AuthoriseStage implements Stage, OnModuleInit {
  readonly name = 'authorise';
  private readonly logger = new Logger(AuthoriseStage.name);
  private last: string = nilUuid;
  /** Ids of applications of which a decision failed → when it is tried again, in milliseconds. */
  private readonly failed = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly repository: RolloutsRepository,
    private readonly approvals: ApprovedDeletions,
    private readonly notifications: Notifications,
    private readonly runner: StageRunner,
    private readonly metrics: FlowMetrics,
  ) {}

  onModuleInit(): void {
    this.runner.register(this);
  }

  async runOnce(): Promise<number> {
    for (const [id, until] of this.failed) if (until <= Date.now()) this.failed.delete(id);
    let at: string | undefined;
    try {
      const done = await this.database.transaction(async () => {
        await this.beginFenced();
        const application = await this.repository.lockDue(this.last, [...this.failed.keys()]);
        at = application?.id;
        return application && { application, ...(await this.authorise(application)) };
      });
      if (done === undefined) return 0;
      this.last = done.application.id;
      this.log(done);
    } catch (error) {
      if (at === undefined) throw error;
      // The others go on; this one is tried again in a while.
      this.failed.set(at, Date.now() + retryMs);
      this.logger.error({ msg: 'a decision failed', application: at, err: error });
    }
    crashPoint('rollout.authorised');
    return 1;
  }

  /** No authorisation while a halt is being made, and no halt waits for long on a hub that was paused in a decision. */
  private async beginFenced(): Promise<void> {
    await this.database.query(`SELECT set_config('idle_in_transaction_session_timeout', $1, true)`, [`${maxIdleMs}`]);
    await this.database.query('SELECT pg_advisory_xact_lock_shared($1)', [holdLock]);
  }

  private async authorise(application: DueApplication): Promise<{ traceId: string; decision: Decision }> {
    const decision = decide(await this.repository.targets(application.id));
    const traceId = application.trace_id ?? application.id;
    const deletions = decision.authorise.filter((step) => step.kind === 'remove' && step.mode === 'delete');
    const approvals = await this.approvals.forRemoval(
      application.id,
      deletions.map(({ cluster }) => cluster),
    );
    await this.repository.authorise(application.id, traceId, decision.authorise, approvals);
    await this.repository.finish(application, decision.completed);
    await this.repository.deleteIfGone(application.id);
    if (decision.authorise.length > 0) await this.notifications.notify('flotilla_stage', 'roots');
    return { traceId, decision };
  }

  private log({
    application,
    traceId,
    decision,
  }: {
    application: DueApplication;
    traceId: string;
    decision: Decision;
  }) {
    if (decision.authorise.length === 0) return;
    for (const { kind } of decision.authorise) this.metrics.authorisations.inc({ kind });
    this.logger.log({
      msg: 'authorised',
      application: application.name,
      release: application.release,
      targets: decision.authorise.length,
      blocked: decision.blocked.length,
      traceId,
    });
  }
}
