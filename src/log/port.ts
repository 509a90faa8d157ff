/**
 * The message log as Flotilla uses it: keyed, partitioned, kept for a while, at least once. Two implementations pass one
 * contract test: `kafka` on kafkajs, and `embedded` on PostgreSQL for one machine.
 *
 * The log does not remember what a consumer has read: the consumer says where to start when it is given a partition, and
 * keeps its offset in PostgreSQL in the transaction of its effects. So redelivery, rebalances and zombies are harmless.
 */
export interface LogMessage {
  key: string;
  value: Buffer;
  headers?: Record<string, string>;
}

export interface LogRecord extends LogMessage {
  offset: bigint;
  /** When the log took it, by the log's clock. */
  appendedAt: Date;
}

export interface LogProducer {
  /** Resolves when every message is stored durably; messages of one key keep their order. Rejects with `LogUnavailable`. */
  send(topic: string, messages: LogMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface LogBatch {
  topic: string;
  partition: number;
  /** In order of offset, none twice, never empty. */
  records: LogRecord[];
  /** The offset after the newest record that the log holds: how far behind this batch is. */
  highWatermark: bigint;
}

export interface LogConsumerOptions {
  group: string;
  topics: string[];
  /** Asked at each (re)assignment: the first offset to deliver; undefined for the oldest that is kept. */
  startAt(topic: string, partition: number): Promise<bigint | undefined>;
  /** One call at a time for each partition. A rejection is logged and the batch is delivered again after a pause. */
  onBatch(batch: LogBatch): Promise<void>;
  maxBatchRecords: number;
  onError?(error: unknown): void;
}

export interface LogConsumer {
  /** Ends after the batches under way. */
  close(): Promise<void>;
}

export interface LogAdmin {
  /** Creates what is missing; never changes or deletes an existing topic. */
  ensureTopics(topics: { name: string; partitions: number; retentionMs: number }[]): Promise<void>;
  /** The high watermark of every partition. */
  endOffsets(topic: string): Promise<Map<number, bigint>>;
  close(): Promise<void>;
}

/** A log: retries without end inside a consumer, and fails a `send` after its time-out so that the sender can spool. */
export interface MessageLog {
  producer(): Promise<LogProducer>;
  admin(): Promise<LogAdmin>;
  /** Resolves once it consumes; keeps trying by itself when the log goes away. */
  consume(options: LogConsumerOptions): Promise<LogConsumer>;
  close(): Promise<void>;
}

export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}
