import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { RetentionRepository } from './retention.repository';

const hourMs = 3_600_000;

/** Everything that grows has an end: what is older than its time is deleted, in batches, by one hub at a time. */
@Injectable()
export class Retention {
  constructor(
    private readonly repository: RetentionRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Interval('retention', hourMs)
  async sweep(): Promise<void> {
    try {
      const deleted = await this.repository.sweep();
      if (Object.values(deleted).some((count) => count > 0)) this.logger.info({ deleted }, 'old rows deleted');
    } catch (error) {
      this.logger.warn({ err: error }, 'old rows could not be deleted; tried again in an hour');
    }
  }
}
