import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { topics } from '#libs/protocol/report';
import { type Ahead, look } from '#libs/reports/sight';
import { sightCheckSeconds } from '#src/hub/database/fragments';
import { HubLog } from '#src/hub/message-log/hub-log';
import { LogSightRepository } from './log-sight.repository';

const watched = [topics.reports, topics.heartbeats];

/**
 * Notes up to when all that the message log has taken is known. While the log is away, or the hub behind, that stands
 * still: the fleet is then shown as it was last seen, and no cluster becomes unknown for it.
 */
@Injectable()
export class LogSight implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LogSight.name);
  private ahead: Ahead | undefined;
  private checking: Promise<void> | undefined;
  private isAway = false;
  private stopping = false;

  constructor(
    private readonly log: HubLog,
    private readonly repository: LogSightRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.check();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.checking;
  }

  @Interval(sightCheckSeconds * 1_000)
  check(): void {
    if (this.stopping) return;
    this.checking ??= this.look()
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.checking = undefined));
  }

  private async look(): Promise<void> {
    const at = await this.repository.now();
    const ends = new Map<string, bigint>();
    for (const topic of watched) {
      for (const [partition, end] of await this.log.endOffsets(topic)) ends.set(`${topic}/${partition}`, end);
    }
    const sight = look(this.ahead, { at, ends }, await this.repository.folded());
    this.ahead = sight.ahead;
    if (sight.seenUntil !== undefined) await this.repository.raise(sight.seenUntil);
    if (this.isAway) this.logger.log('the message log can be reached again');
    this.isAway = false;
  }

  private failed(error: unknown): void {
    if (this.stopping || this.isAway) return;
    this.isAway = true;
    this.logger.warn({ msg: 'cannot see how far the message log is', err: error });
  }
}
