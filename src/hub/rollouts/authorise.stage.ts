import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { decide } from '#libs/rollout/decide';
import { Database } from '#src/hub/database/database';
import { holdLock } from '#src/hub/database/fragments';
import { crashPoint } from '#src/hub/stages/crash-point';
import { Notifications } from '#src/hub/stages/notifications';
import { type Stage, StageRunner } from '#src/hub/stages/stage-runner';
import { ApprovedDeletions } from './approved-deletions.service';
import { RolloutsRepository } from './rollouts.repository';

/**
 * Authorises, one application at a time: reads what is wanted and what is, decides, and writes the outcome in the same
 * transaction, under the lock of the application's row. So no target is authorised twice, by any number of hubs.
 */
@Injectable()
export class AuthoriseStage implements Stage, OnModuleInit {
  readonly name = 'authorise';
  private readonly logger = new Logger(AuthoriseStage.name);

  constructor(
    private readonly database: Database,
    private readonly repository: RolloutsRepository,
    private readonly approvals: ApprovedDeletions,
    private readonly notifications: Notifications,
    private readonly runner: StageRunner,
  ) {}

  onModuleInit(): void {
    this.runner.register(this);
  }

  async runOnce(): Promise<number> {
    const done = await this.database.transaction(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock_shared($1)', [holdLock]);
      const application = await this.repository.lockDue();
      if (application === undefined) return undefined;
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
      return { application, traceId, decision };
    });
    if (done === undefined) return 0;
    const { application, traceId, decision } = done;
    if (decision.authorise.length > 0) {
      this.logger.log({
        msg: 'authorised',
        application: application.name,
        release: application.release,
        targets: decision.authorise.length,
        blocked: decision.blocked.length,
        traceId,
      });
    }
    crashPoint('rollout.authorised');
    return 1;
  }
}
