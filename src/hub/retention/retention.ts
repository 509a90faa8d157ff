import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { Partitions } from '#src/hub/history/partitions';
import { NodeSweep } from './node-sweep';
import { ReleaseSweep } from './release-sweep';
import { batchRows, rules } from './rules';
import { RulesRepository } from './rules.repository';
import { type RetentionSettings, retentionSettings } from './settings';

const lookEveryMs = 60_000;
const maxBatches = 200;

/** Everything that grows has an end: what has had its time is deleted, in batches, by one hub in each interval. */
@Injectable()
export class Retention implements OnApplicationShutdown {
  private sweeping: Promise<unknown> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly repository: RulesRepository,
    private readonly releases: ReleaseSweep,
    private readonly nodes: NodeSweep,
    private readonly history: Partitions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.sweeping;
  }

  @Interval('retention', lookEveryMs)
  lookWhetherDue(): void {
    this.sweeping ??= this.sweepIfDue().finally(() => (this.sweeping = undefined));
  }

  /** @returns how many rows of each table went; one that fails is told, and leaves the others alone */
  async sweep(settings: RetentionSettings = retentionSettings(this.config.retention)): Promise<Record<string, number>> {
    const { signal } = this.stopping;
    const deleted: Record<string, number> = {};
    const note = async (what: string, work: () => Promise<number>): Promise<void> => {
      try {
        const count = await work();
        if (count > 0) deleted[what] = count;
      } catch (error) {
        this.logger.warn({ err: error, what }, 'old rows could not be deleted; tried again at the next sweep');
      }
    };
    for (const rule of rules) {
      await note(rule.table, async () => {
        let total = 0;
        for (let batch = 0; batch < maxBatches && !signal.aborted; batch += 1) {
          const count = await this.repository.deleteBatch(rule, rule.seconds(settings));
          total += count;
          if (count < batchRows) break;
        }
        return total;
      });
    }
    await note('releases', () => this.releases.sweep(settings, signal));
    await note('target_history', () => this.history.drop(settings.historySeconds));
    await note('nodes', () => this.nodes.sweep(settings.nodeSeconds, signal));
    if (Object.keys(deleted).length > 0) this.logger.info({ deleted }, 'old rows deleted');
    return deleted;
  }

  private async sweepIfDue(): Promise<void> {
    try {
      if (await this.repository.claim(this.config.retention.sweepMinutes * 60)) await this.sweep();
    } catch (error) {
      this.logger.warn({ err: error }, 'cannot see whether a sweep is due');
    }
  }
}
