/**
 * The message log as Flotilla uses it: keyed, partitioned, kept for a while, at least once. Two implementations pass one
 * contract test: `kafka` on kafkajs, and `embedded` on PostgreSQL for one machine.
 *
 * The log does not remember what a consumer has read: the consumer says where to start when it is given a partition, and
 * keeps its offset in PostgreSQL in the transaction of its effects. So redelivery, rebalances and zombies are harmless.
 */
export interface LogMessage {
  /** Messages of one key share a partition, by the same hash in every implementation. */
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
  /**
   * Resolves when every message is stored durably. Messages of one key keep their order within a send, and over sends that
   * are awaited one after the other. Rejects with `LogUnavailable` when the log is away, slow or lacks the topic: any part
   * of the messages may then have been stored, so sending them again may double some. Rejects with `InvalidMessage`, before
   * anything is stored, for what can never be sent.
   */
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
  /**
   * Asked at each (re)assignment: the first offset to deliver; undefined for the oldest that is kept. An offset that
   * retention has passed means the oldest kept. One beyond the end of the log (the log was replaced by an emptier one) is
   * reported to `onError` and also means the oldest kept. A rejection is reported, and it is asked again after a pause.
   */
  startAt(topic: string, partition: number): Promise<bigint | undefined>;
  /**
   * One call at a time for each partition. A rejection is reported, and the batch is delivered again after a pause, until
   * it is taken. After a reassignment a call that is under way may still end while another member has the partition.
   */
  onBatch(batch: LogBatch): Promise<void>;
  /** 1 … 10,000. */
  maxBatchRecords: number;
  /** Told of every rejection, lost connection and crash; the consumer goes on by itself. It is logged as well. */
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

/** The log could not be reached, did not answer in time, or has been closed: spool and try again. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

/** The message can never be stored (too large, malformed): drop it or send less. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

/** Key, value and headers of one message together. Leaves room for Kafka's own bytes under its default of 1,048,588. */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** Messages in one `send`. */
export const MAX_SEND_MESSAGES = 10_000;
