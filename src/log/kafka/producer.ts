import { CompressionTypes, type Kafka, type Producer } from 'kafkajs';
import { withDeadline } from '../deadline';
import { errorText } from '../logger';
import { checkMessages, chunkMessages } from '../messages';
import { InvalidMessage, type LogMessage, type LogProducer, LogUnavailable } from '../port';
import { ProducerConnection } from './connection';

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/**
 * Acknowledged by all replicas and not idempotent: the idempotent producer of kafkajs lost acknowledged messages when a
 * broker crashed under concurrent sends; this one doubles some, which every reader has to take anyway.
 */
export class KafkaProducer implements LogProducer {
  private connection: ProducerConnection | undefined;
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly sendTimeoutMs: number,
    private readonly compression: 'none' | 'gzip',
  ) {}

  async send(topic: string, messages: LogMessage[]): Promise<void> {
    checkMessages(topic, messages);
    if (this.closed) throw new LogUnavailable('the producer is closed');
    if (!this.connection?.usable) this.connection = new ProducerConnection(this.kafka);
    const { connection } = this;
    const giveUp = new AbortController();
    const timedOut = (): Error => {
      giveUp.abort();
      connection.retire();
      return new LogUnavailable(`Kafka did not store a send to topic "${topic}" within ${this.sendTimeoutMs} ms`);
    };
    const work = connection.use((producer) => this.sendChunks(producer, topic, messages, giveUp.signal));
    try {
      await withDeadline(work, this.sendTimeoutMs, timedOut);
    } catch (error) {
      throw translated(error, topic);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection?.close();
  }

  /** Kafka limits what one request may bring for a partition, so a long send is several, one after the other. */
  private async sendChunks(
    producer: Producer,
    topic: string,
    messages: LogMessage[],
    giveUp: AbortSignal,
  ): Promise<void> {
    const compression = this.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
    for (const chunk of chunkMessages(messages)) {
      if (giveUp.aborted) return;
      await producer.send({ topic, messages: chunk, acks: -1, timeout: this.sendTimeoutMs, compression });
    }
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
