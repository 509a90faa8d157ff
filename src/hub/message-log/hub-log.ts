import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { topics } from '#libs/protocol/report';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { LOGGER, type Logger } from '#src/hub/http/logging';
import { EmbeddedLog } from '#src/log/embedded/log';
import { openLog } from '#src/log/open';
import type { LogConsumer, LogConsumerOptions, LogMessage, LogProducer, MessageLog } from '#src/log/port';

const dayMs = 86_400_000;
const sweepEveryMs = 60_000;

/** How each topic is made where it is missing. */
const layout = [
  { name: topics.heartbeats, partitions: 8, retentionMs: dayMs / 4 },
  { name: topics.reports, partitions: 8, retentionMs: 3 * dayMs },
  { name: topics.deadLetters, partitions: 1, retentionMs: 30 * dayMs },
];

/** The message log of this hub: one producer, whatever consumers, topics made at first use. */
@Injectable()
export class HubLog implements OnApplicationShutdown {
  private readonly log: MessageLog;
  private readonly consumers: LogConsumer[] = [];
  private producer: Promise<LogProducer> | undefined;
  private topicsReady: Promise<void> | undefined;

  constructor(
    @Inject(HUB_CONFIG) config: HubConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.log = openLog(
      config.log.kind === 'kafka'
        ? { ...config.log, clientId: 'flotilla-hub' }
        : { kind: 'embedded', url: config.database.url },
      logger,
    );
  }

  async send(topic: string, messages: LogMessage[]): Promise<void> {
    await this.ensureTopics();
    this.producer ??= this.log.producer().catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    });
    await (await this.producer).send(topic, messages);
  }

  async consume(options: LogConsumerOptions): Promise<void> {
    await this.ensureTopics();
    this.consumers.push(await this.log.consume(options));
  }

  /** Kafka forgets by itself; the embedded log is told to. Any number of hubs may. */
  @Interval(sweepEveryMs)
  async sweep(): Promise<void> {
    if (!(this.log instanceof EmbeddedLog)) return;
    const swept = await this.log.sweep(new Date()).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'the embedded log could not be swept');
      return 0;
    });
    if (swept > 0) this.logger.debug({ swept }, 'swept the embedded log');
  }

  /** The offset after the newest record of every partition. */
  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    await this.ensureTopics();
    const admin = await this.log.admin();
    try {
      return await admin.endOffsets(topic);
    } finally {
      await admin.close();
    }
  }

  async ensureTopics(): Promise<void> {
    this.topicsReady ??= this.createTopics().catch((error: unknown) => {
      this.topicsReady = undefined;
      throw error;
    });
    await this.topicsReady;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.consumers.map((consumer) => consumer.close()));
    await this.log.close();
  }

  private async createTopics(): Promise<void> {
    const admin = await this.log.admin();
    try {
      await admin.ensureTopics(layout);
    } finally {
      await admin.close();
    }
  }
}
