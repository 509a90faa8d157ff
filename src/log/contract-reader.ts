import { setTimeout as delay } from 'node:timers/promises';
import { partitionOf } from './partitioner';
import {
  type LogBatch,
  type LogConsumer,
  type LogConsumerOptions,
  type LogMessage,
  type LogRecord,
  type MessageLog,
} from './port';

export const PARTITIONS = 4;

/** A key of the partition. */
export function keyOf(partition: number, seed = 'key'): string {
  for (let i = 0; ; i++) if (partitionOf(`${seed}-${i}`, PARTITIONS) === partition) return `${seed}-${i}`;
}

export const message = (key: string, text: string): LogMessage => ({ key, value: Buffer.from(text) });

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export async function until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !condition();) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(5);
  }
}

/**
 * What a group of consumers has read, kept as the hub keeps it: effects and position together. A batch that does not begin
 * where the last one ended is a fault of the log; one from before it (a call of an old assignment) is fenced off.
 */
export class Ledger {
  readonly records: (LogRecord & { partition: number })[] = [];
  readonly positions = new Map<number, bigint>();
  readonly faults: string[] = [];
  readonly errors: unknown[] = [];
  readonly batches: LogBatch[] = [];
  readonly readers = new Map<string, Set<number>>();
  /** Awaited inside of each call, before its effects; may throw. */
  during: (batch: LogBatch, member: string) => Promise<void> | void = () => {};

  texts(key?: string): string[] {
    return this.records
      .filter((record) => key === undefined || record.key === key)
      .map(({ value }) => value.toString());
  }

  async consume(
    log: MessageLog,
    topic: string,
    options: Partial<LogConsumerOptions> & { group: string; member?: string },
  ): Promise<LogConsumer> {
    const busy = new Set<number>();
    const { member = 'one' } = options;
    return log.consume({
      topics: [topic],
      maxBatchRecords: 100,
      startAt: async (_, partition) => this.positions.get(partition),
      onError: (error) => this.errors.push(error),
      onBatch: async (batch) => {
        if (busy.has(batch.partition)) this.faults.push(`two calls at once for partition ${batch.partition}`);
        busy.add(batch.partition);
        try {
          await this.during(batch, member);
          this.take(batch, member);
        } finally {
          busy.delete(batch.partition);
        }
      },
      ...options,
    });
  }

  private take(batch: LogBatch, member: string): void {
    const { partition, records, highWatermark } = batch;
    const position = this.positions.get(partition) ?? 0n;
    const first = records[0]!.offset;
    if (first < position) return;
    if (first > position) this.faults.push(`partition ${partition} went from ${position} to ${first}`);
    records.forEach(({ offset }, i) => {
      if (offset !== first + BigInt(i))
        this.faults.push(`partition ${partition} has ${offset} at place ${i} after ${first}`);
    });
    if (highWatermark <= records.at(-1)!.offset) this.faults.push(`high watermark ${highWatermark} within the batch`);
    this.batches.push(batch);
    this.records.push(...records.map((record) => ({ ...record, partition })));
    this.positions.set(partition, records.at(-1)!.offset + 1n);
    this.readers.set(member, (this.readers.get(member) ?? new Set()).add(partition));
  }
}
