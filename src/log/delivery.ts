import { type BackoffOptions, untilDone } from './backoff';
import { errorText, type Logger } from './logger';
import { type LogBatch, type LogConsumerOptions } from './port';

const MAX_BATCH_RECORDS = 10_000;

export interface DeliveryContext {
  options: LogConsumerOptions;
  logger: Logger;
  backoff: BackoffOptions;
}

/** Throws a RangeError for options that no log can serve. */
export function checkConsumerOptions({ group, topics, maxBatchRecords }: LogConsumerOptions): void {
  if (group === '') throw new RangeError('the group of a consumer is empty: name it after what it does');
  if (topics.length === 0) throw new RangeError(`the consumer of group "${group}" names no topics`);
  if (!Number.isInteger(maxBatchRecords) || maxBatchRecords < 1 || maxBatchRecords > MAX_BATCH_RECORDS) {
    throw new RangeError(`maxBatchRecords is ${maxBatchRecords}: choose a whole number in 1 … ${MAX_BATCH_RECORDS}`);
  }
}

export function report({ options, logger }: DeliveryContext, error: unknown, fields: object, message: string): void {
  logger.warn({ ...fields, group: options.group, error: errorText(error) }, message);
  options.onError?.(error);
}

/**
 * Hands a batch over in parts of at most `maxBatchRecords`, each again and again until it is taken. Returns the offset
 * after the last record that was taken; when the signal aborts, that is before the end of the batch.
 */
export async function deliver(context: DeliveryContext, batch: LogBatch, signal: AbortSignal): Promise<bigint> {
  const { onBatch, maxBatchRecords } = context.options;
  let position = batch.records[0]!.offset;
  for (let from = 0; from < batch.records.length; from += maxBatchRecords) {
    const records = batch.records.slice(from, from + maxBatchRecords);
    const onFailure = (error: unknown): void =>
      report(
        context,
        error,
        where(batch, records[0]!.offset),
        'a batch was rejected and is delivered again after a pause',
      );
    const taken = await untilDone(() => onBatch({ ...batch, records }), onFailure, signal, context.backoff);
    if (!taken) return position;
    position = records.at(-1)!.offset + 1n;
  }
  return position;
}

function where({ topic, partition }: LogBatch, offset: bigint): object {
  return { topic, partition, offset: offset.toString() };
}
