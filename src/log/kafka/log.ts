import { type Kafka } from 'kafkajs';
import { DEFAULT_BACKOFF } from '../backoff';
import { type KafkaLogConfig } from '../config';
import { checkConsumerOptions } from '../delivery';
import { type Logger } from '../logger';
import {
  type LogAdmin,
  type LogConsumer,
  type LogConsumerOptions,
  type LogProducer,
  LogUnavailable,
  type MessageLog,
} from '../port';
import { KafkaAdmin, type PartitionEnds, partitionEnds } from './admin';
import { kafkaClient, LONG_RETRY, SHORT_RETRY } from './client';
import { KafkaConsumer } from './consumer';
import { KafkaProducer } from './producer';

/** The message log on Apache Kafka, 2.1 or newer, by kafkajs. */
export class KafkaLog implements MessageLog {
  private readonly kafka: Kafka;
  private readonly kafkaForConsumers: Kafka;
  private readonly timeoutMs: number;
  private readonly producers = new Set<KafkaProducer>();
  private readonly consumers = new Set<KafkaConsumer>();
  private readonly starting = new Set<(error: Error) => void>();
  private closed = false;

  constructor(
    private readonly config: KafkaLogConfig,
    private readonly logger: Logger,
  ) {
    this.kafka = kafkaClient(config, logger, SHORT_RETRY);
    this.kafkaForConsumers = kafkaClient(config, logger, LONG_RETRY);
    this.timeoutMs = config.sendTimeoutMs;
  }

  /** Does not wait for Kafka: it is connected to at the first send. */
  async producer(): Promise<LogProducer> {
    const producer = new KafkaProducer(this.kafka, this.timeoutMs, this.config.compression);
    this.producers.add(producer);
    return producer;
  }

  async admin(): Promise<LogAdmin> {
    return new KafkaAdmin(this.kafka, this.timeoutMs);
  }

  async consume(options: LogConsumerOptions): Promise<LogConsumer> {
    checkConsumerOptions(options);
    if (this.closed) throw new LogUnavailable('the log is closed');
    const { sessionTimeoutMs, maxBackoffMs } = this.config;
    const context = { options, logger: this.logger, backoff: { ...DEFAULT_BACKOFF, maxMs: maxBackoffMs } };
    const ends = (topic: string): Promise<Map<number, PartitionEnds>> =>
      partitionEnds(this.kafka, this.timeoutMs, topic);
    return new Promise((resolve, reject) => {
      this.starting.add(reject);
      const consumer = new KafkaConsumer(this.kafkaForConsumers, context, ends, sessionTimeoutMs, () => {
        this.starting.delete(reject);
        resolve(consumer);
      });
      this.consumers.add(consumer);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const reject of this.starting) reject(new LogUnavailable('the log was closed'));
    await Promise.all([...this.consumers, ...this.producers].map((part) => part.close()));
  }
}
