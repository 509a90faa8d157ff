import { DEFAULT_BACKOFF } from '../backoff';
import { type EmbeddedLogConfig } from '../config';
import { checkConsumerOptions } from '../delivery';
import { errorText, type Logger } from '../logger';
import {
  type LogAdmin,
  type LogConsumer,
  type LogConsumerOptions,
  type LogProducer,
  LogUnavailable,
  type MessageLog,
} from '../port';
import { EmbeddedConsumer } from './consumer';
import { Database } from './database';
import { EmbeddedProducer } from './producer';
import { EmbeddedAdmin, sweepTopics } from './topics';
import { Wakes } from './wake';

/** The message log on PostgreSQL, for one machine. Its tables are made by the migration `Log1760000000100`. */
export class EmbeddedLog implements MessageLog {
  private readonly database: Database;
  private readonly wakes: Wakes;
  private readonly producers = new Set<EmbeddedProducer>();
  private readonly consumers = new Set<EmbeddedConsumer>();
  private readonly starting = new Set<(error: Error) => void>();
  private closed = false;

  constructor(
    private readonly config: EmbeddedLogConfig,
    private readonly logger: Logger,
  ) {
    this.database = new Database(config, (error) =>
      logger.debug({ error: errorText(error) }, 'an idle connection of the log was lost'),
    );
    this.wakes = new Wakes(this.database, logger);
  }

  async producer(): Promise<LogProducer> {
    const producer = new EmbeddedProducer(this.database, this.wakes, this.config.sendTimeoutMs);
    this.producers.add(producer);
    return producer;
  }

  async admin(): Promise<LogAdmin> {
    return new EmbeddedAdmin(this.database);
  }

  async consume(options: LogConsumerOptions): Promise<LogConsumer> {
    const { leaseTtlMs, pollMs, maxBackoffMs } = this.config;
    const context = { options, logger: this.logger, backoff: { ...DEFAULT_BACKOFF, maxMs: maxBackoffMs } };
    checkConsumerOptions(options);
    if (this.closed) throw new LogUnavailable('the log is closed');
    return new Promise((resolve, reject) => {
      this.starting.add(reject);
      const consumer = new EmbeddedConsumer(this.database, this.wakes, context, { leaseTtlMs, pollMs }, () => {
        this.starting.delete(reject);
        resolve(consumer);
      });
      this.consumers.add(consumer);
    });
  }

  /** Deletes records older than the retention of their topic; returns how many. Call it now and then, from any process. */
  async sweep(now: Date): Promise<number> {
    return sweepTopics(this.database, now);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const reject of this.starting) reject(new LogUnavailable('the log was closed'));
    await Promise.all([...this.consumers, ...this.producers].map((part) => part.close()));
    await this.wakes.close();
    await this.database.close();
  }
}
