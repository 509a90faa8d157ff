import { Injectable } from '@nestjs/common';
import { releasesPerBatch, ReleaseSweepRepository } from './release-sweep.repository';
import type { RetentionSettings } from './settings';

const maxBatches = 200;

/** Releases beyond the newest and the young, with their variants and rollouts; never one that any cluster still has. */
@Injectable()
export class ReleaseSweep {
  constructor(private readonly repository: ReleaseSweepRepository) {}

  async sweep(settings: RetentionSettings, signal: AbortSignal): Promise<number> {
    let deleted = 0;
    let batches = 0;
    for (const application of await this.repository.applications(settings)) {
      let mayBeMore = true;
      while (mayBeMore) {
        if (signal.aborted || batches >= maxBatches) return deleted;
        const count = await this.repository.deleteBatch(application, settings);
        mayBeMore = count === releasesPerBatch;
        deleted += count;
        batches += 1;
      }
    }
    return deleted;
  }
}
