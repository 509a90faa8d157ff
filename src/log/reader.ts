import { deliver, type DeliveryContext, report } from './delivery';
import { untilDone } from './backoff';
import { type LogRecord } from './port';
import { type TopicPartition } from './partitions';

/** A log that is read by asking for records from a position on. */
export interface PartitionSource {
  /** Records from the position on, oldest first, as many as are convenient; empty when there are none yet. */
  read(position: bigint): Promise<{ records: LogRecord[]; nextOffset: bigint }>;
  /** Resolves when there may be records at the position, or when the signal aborts. */
  wait(position: bigint, signal: AbortSignal): Promise<void>;
}

/** Reads one partition from where `startAt` says, until the signal aborts; resolves when no call is under way any more. */
export async function readPartition(
  context: DeliveryContext,
  { topic, partition }: TopicPartition,
  source: PartitionSource,
  signal: AbortSignal,
): Promise<void> {
  const retried = <T>(work: () => Promise<T>, message: string): Promise<{ value: T } | undefined> =>
    untilDone(work, (error) => report(context, error, { topic, partition }, message), signal, context.backoff);

  const start = await retried(
    () => context.options.startAt(topic, partition),
    'the position of a consumer is not known',
  );
  let position = start?.value ?? 0n;
  while (!signal.aborted) {
    const read = await retried(() => source.read(position), 'a partition cannot be read');
    if (!read || signal.aborted) return;
    const { records, nextOffset } = read.value;
    if (position > nextOffset) {
      const error = new Error(
        `offset ${position} is beyond the end of the log, ${nextOffset}: reading from the oldest`,
      );
      report(context, error, { topic, partition }, 'the log was replaced by an emptier one');
      position = 0n;
    } else if (records.length === 0) {
      // Nothing up to the end: there never was, or retention has taken it.
      position = nextOffset;
      await source.wait(position, signal);
    } else {
      position = await deliver(context, { topic, partition, records, highWatermark: nextOffset }, signal);
    }
  }
}
