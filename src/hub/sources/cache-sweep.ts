import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CacheSweepRepository } from './cache-sweep.repository';
import { SourceReader } from './source-reader.service';

const sweepEveryMs = 3_600_000;

/** Removes from this hub's disk the repositories of sources that were deleted, perhaps by another hub. */
@Injectable()
export class CacheSweep {
  private readonly logger = new Logger(CacheSweep.name);

  constructor(
    private readonly repository: CacheSweepRepository,
    private readonly reader: SourceReader,
  ) {}

  @Interval('git-caches', sweepEveryMs)
  async sweep(): Promise<void> {
    try {
      // In this order: a source that is new since the look at the disk is not among them.
      const gone = await this.repository.unknown(await this.reader.cachedSources());
      for (const id of gone) await this.reader.forget(id);
      if (gone.length > 0) this.logger.log({ msg: 'removed repositories of deleted sources', count: gone.length });
    } catch (error) {
      this.logger.warn({ msg: 'cached repositories could not be swept; tried again in an hour', err: error });
    }
  }
}
