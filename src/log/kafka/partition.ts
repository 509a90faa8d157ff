import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { pause, untilDone } from '../backoff';
import { deliver, type DeliveryContext, report } from '../delivery';
import { type TopicPartition } from '../partitions';
import { type LogBatch, type LogRecord } from '../port';
import type { PartitionEnds } from './admin';

/** What a partition needs of the consumer that it is assigned to. */
export interface PartitionFeed {
  /** Freshly asked. */
  ends(topic: string): Promise<Map<number, PartitionEnds>>;
  seek(at: TopicPartition, offset: bigint): void;
  pause(at: TopicPartition): void;
  resume(at: TopicPartition): void;
}

/** Batches that wait while one is delivered. Beyond it, nothing more is fetched for the partition. */
const QUEUED_BATCHES = 2;

/** A new leader may not know for a moment how far the log reaches. */
const ENDS_TRIES = 5;
const ENDS_PAUSE_MS = 1_000;

/**
 * One partition in one assignment. Fetching and delivering are apart: kafkajs only fetches, so that neither a slow nor a
 * rejecting reader holds up heartbeats, rebalances or other partitions. kafkajs itself starts at the offset that was
 * committed for the group, or at a default when an offset is out of range; only what was fetched at exactly the expected
 * offset is taken, and all else makes it seek.
 */
export class KafkaPartition {
  /** The offset after the last record that was taken by `onBatch`. */
  position: bigint | undefined;
  /** Resolves when no call is under way any more. */
  readonly ended: Promise<void>;
  private readonly stop = new AbortController();
  private readonly queue: LogBatch[] = [];
  private expected: bigint | undefined;
  private soughtFor: bigint | undefined;
  private arrival: (() => void) | undefined;

  /** @param previous the end of this partition's last assignment to the same member */
  constructor(
    private readonly context: DeliveryContext,
    private readonly feed: PartitionFeed,
    readonly at: TopicPartition,
    previous: Promise<void> | undefined,
  ) {
    this.ended = this.run(previous);
  }

  /** Nothing more is delivered; what is under way may end. */
  revoke(): void {
    this.stop.abort();
    this.arrival?.();
  }

  /** Takes what kafkajs has fetched. */
  offer({ batch, resolveOffset }: Pick<EachBatchPayload, 'batch' | 'resolveOffset'>): void {
    if (this.stop.signal.aborted || this.expected === undefined) return;
    const fetchedAt = BigInt((batch as Batch & { fetchedOffset: string }).fetchedOffset);
    // Markers of transactions are skipped by kafkajs: then the fetch is beyond the expected offset a second time.
    const skipped = fetchedAt > this.expected && this.soughtFor === this.expected;
    if (fetchedAt !== this.expected && !skipped) {
      const { expected } = this;
      this.feed.pause(this.at);
      void this.seek(expected);
      return;
    }
    const records = batch.messages.map(toRecord);
    resolveOffset(batch.lastOffset());
    this.expected = BigInt(batch.lastOffset()) + 1n;
    if (records.length === 0) return;
    // The broker looks at the watermark before it reads the records, so it may be a little behind them.
    const highWatermark = BigInt(batch.highWatermark) > this.expected ? BigInt(batch.highWatermark) : this.expected;
    this.queue.push({ ...this.at, records, highWatermark });
    if (this.queue.length >= QUEUED_BATCHES) this.feed.pause(this.at);
    this.arrival?.();
  }

  private async run(previous: Promise<void> | undefined): Promise<void> {
    // What the last assignment has stored counts for where this one starts.
    await previous;
    const { topic, partition } = this.at;
    const start = await this.retried(() => this.context.options.startAt(topic, partition), 'the position is not known');
    if (start) await this.seek(start.value);
    while (!this.stop.signal.aborted) {
      const batch = this.queue[0];
      if (batch) {
        this.position = await deliver(this.context, batch, this.stop.signal);
        this.queue.shift();
        // While it seeks, fetching has to wait until the position is known; and a later assignment sees to itself.
        if (this.stop.signal.aborted) return;
        if (this.expected !== undefined && this.queue.length < QUEUED_BATCHES) this.feed.resume(this.at);
      } else {
        await new Promise<void>((resolve) => (this.arrival = resolve));
      }
    }
  }

  private async seek(wanted: bigint | undefined): Promise<void> {
    this.expected = undefined;
    const start = await this.withinLog(wanted);
    if (start === undefined || this.stop.signal.aborted) return;
    this.soughtFor = start;
    this.expected = start;
    this.feed.seek(this.at, start);
    if (this.queue.length < QUEUED_BATCHES) this.feed.resume(this.at);
  }

  /** The wanted offset, or the oldest kept when it is not in the log; undefined when the assignment ends first. */
  private async withinLog(wanted: bigint | undefined): Promise<bigint | undefined> {
    for (let tries = 1; ; tries++) {
      const asked = await this.retried(() => this.feed.ends(this.at.topic), 'the ends of a partition are not known');
      if (!asked) return undefined;
      const { low, high } = asked.value.get(this.at.partition) ?? { low: 0n, high: 0n };
      if (wanted === undefined || wanted < low) return low;
      if (wanted <= high) return wanted;
      if (tries === ENDS_TRIES) {
        const error = new Error(`offset ${wanted} is beyond the end of the log, ${high}: reading from the oldest`);
        report(this.context, error, this.at, 'the log was replaced by an emptier one');
        return low;
      }
      await pause(ENDS_PAUSE_MS, this.stop.signal);
    }
  }

  private retried<T>(work: () => Promise<T>, message: string): Promise<{ value: T } | undefined> {
    const onFailure = (error: unknown): void => report(this.context, error, this.at, message);
    return untilDone(work, onFailure, this.stop.signal, this.context.backoff);
  }
}

function toRecord({ offset, key, value, headers, timestamp }: KafkaMessage): LogRecord {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    String(Array.isArray(text) ? text.at(-1) : text),
  ]);
  return {
    offset: BigInt(offset),
    key: key?.toString() ?? '',
    value: value ?? Buffer.alloc(0),
    appendedAt: new Date(Number(timestamp)),
    ...(texts.length > 0 && { headers: Object.fromEntries(texts) as Record<string, string> }),
  };
}
