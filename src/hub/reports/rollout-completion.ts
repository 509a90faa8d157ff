import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '#src/hub/database/database';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { Notifications } from '#src/hub/stages/notifications';
import { ConsequencesRepository } from './consequences.repository';

const gatherMs = 50;
const safetyNetMs = 30_000;

/**
 * A rollout whose last target has become good is completed by the next decision. Looked at after what was told is stored,
 * once for many reports, and every now and then in case a hub ended in between.
 */
@Injectable()
export class RolloutCompletion implements BeforeApplicationShutdown {
  private readonly noted = new Set<string>();
  private looking: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly repository: ConsequencesRepository,
    private readonly notifications: Notifications,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.looking;
  }

  /** Something was told of these applications. */
  note(applicationIds: Iterable<string>): void {
    for (const id of applicationIds) this.noted.add(id);
    if (this.noted.size === 0 || this.stopping) return;
    this.looking ??= this.gather().finally(() => {
      this.looking = undefined;
      if (this.noted.size > 0) this.note([]);
    });
  }

  @Interval(safetyNetMs)
  async lookAtAll(): Promise<void> {
    if (!this.stopping) await this.look(undefined);
  }

  private async gather(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    const ids = [...this.noted];
    this.noted.clear();
    await this.look(ids);
  }

  private async look(applicationIds: readonly string[] | undefined): Promise<void> {
    try {
      await this.database.transaction(async () => {
        const woken = await this.repository.wakeCompletedRollouts(applicationIds);
        if (woken > 0) await this.notifications.notify('flotilla_stage', 'authorise');
      });
    } catch (error) {
      this.logger.warn({ err: error }, 'rollouts could not be looked at; they are again in a while');
    }
  }
}
