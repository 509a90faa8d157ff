import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { PartitionsRepository } from './partitions.repository';

const makeEveryMs = 3_600_000;
/** A hub that cannot make any for a week has other troubles, and even then its reports are taken in. */
const daysAhead = 7;

/** The days of the history: made ahead, and dropped whole. */
@Injectable()
export class Partitions implements OnModuleInit {
  private readonly logger = new Logger(Partitions.name);

  constructor(private readonly repository: PartitionsRepository) {}

  async onModuleInit(): Promise<void> {
    await this.make();
  }

  @Interval('history-partitions', makeEveryMs)
  async make(): Promise<void> {
    await this.repository.make(daysAhead).catch((error: unknown) => {
      this.logger.warn({ msg: 'partitions of the history could not be made; tried again in an hour', err: error });
    });
  }

  async drop(olderThanSeconds: number): Promise<number> {
    return await this.repository.drop(olderThanSeconds);
  }
}
