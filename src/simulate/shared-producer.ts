import { openLog } from '#src/log/open';
import { checkMessages } from '#src/log/messages';
import type { Logger } from '#src/log/logger';
import { type LogMessage, type LogProducer, MAX_SEND_MESSAGES } from '#src/log/port';
import type { AgentOptions } from '#src/agent/options';

type OpenProducer = NonNullable<AgentOptions['openProducer']>;

/** What is sent within this time goes out in one request. */
const coalesceMs = 20;

interface Waiting {
  messages: LogMessage[];
  resolve(): void;
  reject(error: unknown): void;
}

/** One producer for any number of senders: what they say at about the same time is one send. */
export class CoalescingProducer implements LogProducer {
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly producer: LogProducer) {}

  async send(topic: string, messages: LogMessage[]): Promise<void> {
    // One message that can never be sent must not take others with it.
    checkMessages(topic, messages);
    await new Promise<void>((resolve, reject) => {
      const queue = this.waiting.get(topic);
      const entry = { messages, resolve, reject };
      if (queue !== undefined) return queue.push(entry);
      this.waiting.set(topic, [entry]);
      return setTimeout(() => void this.flush(topic), coalesceMs);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.waiting.keys()].map((topic) => this.flush(topic)));
    await this.producer.close();
  }

  private async flush(topic: string): Promise<void> {
    const queue = this.waiting.get(topic) ?? [];
    this.waiting.delete(topic);
    for (const group of portionsOf(queue)) {
      const messages = group.flatMap((entry) => entry.messages);
      try {
        await this.producer.send(topic, messages);
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
  }
}

/** Producers by brokers, kept until the last agent has ended. */
export class SharedProducers {
  private readonly opened = new Map<string, Promise<CoalescingProducer>>();

  constructor(
    private readonly clientId: string,
    private readonly logger: Logger,
  ) {}

  readonly open: OpenProducer = async (brokers, ssl) => {
    const key = JSON.stringify([brokers, ssl]);
    let producer = this.opened.get(key);
    if (producer === undefined) this.opened.set(key, (producer = this.connect(brokers, ssl)));
    const shared = await producer;
    return { send: (topic, messages) => shared.send(topic, messages), close: async () => undefined };
  };

  async close(): Promise<void> {
    await Promise.allSettled([...this.opened.values()].map(async (producer) => (await producer).close()));
  }

  private async connect(brokers: string[], ssl: boolean): Promise<CoalescingProducer> {
    const log = openLog({ kind: 'kafka', brokers, ssl, clientId: this.clientId }, this.logger);
    const producer = await log.producer();
    return new CoalescingProducer({
      send: (topic, messages) => producer.send(topic, messages),
      async close() {
        await producer.close();
        await log.close();
      },
    });
  }
}

function portionsOf(queue: readonly Waiting[]): Waiting[][] {
  const portions: Waiting[][] = [];
  let count = Infinity;
  for (const entry of queue) {
    count += entry.messages.length;
    if (count > MAX_SEND_MESSAGES) {
      portions.push([]);
      count = entry.messages.length;
    }
    portions.at(-1)!.push(entry);
  }
  return portions;
}
