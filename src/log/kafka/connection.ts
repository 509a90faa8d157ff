import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { SHORT_RETRY } from './client';

/**
 * A producer of kafkajs until one of its sends fails; the next send gets a new one. After a failure the client may hold on
 * to what made it fail: a topic that was missing once is asked for again with every refresh of its metadata, which then
 * fails for all topics, for ever.
 */
export class ProducerConnection {
  private readonly producer: Producer;
  private readonly connected: Promise<void>;
  private sends = 0;
  private retired = false;

  constructor(kafka: Kafka) {
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: SHORT_RETRY,
    });
    this.connected = this.producer.connect();
    this.connected.catch(() => undefined);
  }

  get usable(): boolean {
    return !this.retired;
  }

  async use<T>(work: (producer: Producer) => Promise<T>): Promise<T> {
    this.sends++;
    try {
      await this.connected;
      return await work(this.producer);
    } catch (error) {
      this.retired = true;
      throw error;
    } finally {
      this.sends--;
      this.disconnectWhenUnused();
    }
  }

  /** Takes no more sends, and disconnects when those under way have ended. */
  retire(): void {
    this.retired = true;
    this.disconnectWhenUnused();
  }

  async close(): Promise<void> {
    this.retired = true;
    await this.connected.catch(() => undefined);
    await this.producer.disconnect().catch(() => undefined);
  }

  private disconnectWhenUnused(): void {
    if (this.retired && this.sends === 0) void this.close();
  }
}
