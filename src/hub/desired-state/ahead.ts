import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Version } from '#libs/protocol/root';
import { CheckFailure, Readiness } from '#src/hub/operations/readiness';
import { AheadRepository } from './ahead.repository';

const lookEveryMs = 15_000;

/**
 * Agents that hold a newer root than this hub has ever made: its database was restored from a backup. They are given
 * nothing of the same epoch, also once its generations have caught up: a person runs `flotilla hub restore`, which raises it.
 */
@Injectable()
export class Ahead implements OnModuleInit {
  private readonly logger = new Logger(Ahead.name);

  constructor(
    private readonly repository: AheadRepository,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.register({ name: 'agents', required: false, run: () => this.check() });
  }

  async note(clusterId: string, held: Version): Promise<void> {
    await this.repository.note(clusterId, held);
    this.logger.warn({ msg: aheadMessage, cluster: clusterId, epoch: held.epoch, generation: held.generation });
  }

  /** How many clusters' agents are ahead of this hub. */
  async count(): Promise<number> {
    return await this.repository.count();
  }

  @Interval(lookEveryMs)
  async look(): Promise<void> {
    await this.repository.noteHeartbeats().catch((error: unknown) => {
      this.logger.warn({ msg: 'cannot compare what agents hold with the roots', err: error });
    });
  }

  private async check(): Promise<string> {
    if ((await this.count()) > 0) throw new CheckFailure(aheadMessage);
    return 'none holds a newer state than this hub';
  }
}

const aheadMessage =
  'agents hold a newer state than this hub: was the database restored from a backup? Run `flotilla hub restore`';
