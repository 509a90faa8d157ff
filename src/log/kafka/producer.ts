import { CompressionTypes, Kafka, Partitioners, Producer } from 'kafkajs';
import { withDeadline } from '../deadline';
import { errorText } from '../logger';
import { checkMessages, chunkMessages } from '../messages';
import { InvalidMessage, LogMessage, LogProducer, LogUnavailable } from '../port';
import { SHORT_RETRY } from './client';

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/**
 * Acknowledged by all replicas and not idempotent: the idempotent producer of kafkajs lost acknowledged messages when a
 * broker crashed under concurrent sends; this one doubles some, which every reader has to take anyway.
 */
export class KafkaProducer implements LogProducer {
  private readonly producer: Producer;
  private connection: Promise<void> | undefined;
  private closed = false;

  constructor(
    kafka: Kafka,
    private readonly sendTimeoutMs: number,
    private readonly compression: 'none' | 'gzip',
  ) {
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: SHORT_RETRY,
    });
  }

  async send(topic: string, messages: LogMessage[]): Promise<void> {
    checkMessages(topic, messages);
    if (this.closed) throw new LogUnavailable('the producer is closed');
    const giveUp = new AbortController();
    const timedOut = (): Error => {
      giveUp.abort();
      return new LogUnavailable(`Kafka did not store a send to topic "${topic}" within ${this.sendTimeoutMs} ms`);
    };
    try {
      await withDeadline(this.sendChunks(topic, messages, giveUp.signal), this.sendTimeoutMs, timedOut);
    } catch (error) {
      throw translated(error, topic);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection?.catch(() => undefined);
    await this.producer.disconnect().catch(() => undefined);
  }

  /** Kafka limits what one request may bring for a partition, so a long send is several, one after the other. */
  private async sendChunks(topic: string, messages: LogMessage[], giveUp: AbortSignal): Promise<void> {
    const compression = this.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
    for (const chunk of chunkMessages(messages)) {
      await this.connected();
      if (giveUp.aborted) return;
      await this.producer.send({ topic, messages: chunk, acks: -1, timeout: this.sendTimeoutMs, compression });
    }
  }

  /** Connects at the first send; later the client finds its way back by itself. */
  private connected(): Promise<void> {
    this.connection ??= this.producer.connect().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }
}

function translated(error: unknown, topic: string): unknown {
  if (error instanceof LogUnavailable) return error;
  for (let at = error; at instanceof Error; at = at.cause) {
    if (TOO_LARGE.has((at as { type?: string }).type ?? '')) {
      return new InvalidMessage(
        `topic "${topic}" refuses messages that the log allows: raise its max.message.bytes to Kafka's default, 1048588`,
        { cause: error },
      );
    }
  }
  return new LogUnavailable(`Kafka did not store a send to topic "${topic}": ${errorText(error)}`, { cause: error });
}
