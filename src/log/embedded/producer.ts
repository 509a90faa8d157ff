import { withDeadline } from '../deadline';
import { checkMessages } from '../messages';
import { type LogMessage, type LogProducer, LogUnavailable } from '../port';
import { append } from './append';
import { type Database } from './database';
import { noSuchTopic, readTopics } from './topics';
import { type Wakes } from './wake';

/** Messages in one transaction, unless a single send has more. */
const FLUSH_MESSAGES = 1_000;

interface Send {
  topic: string;
  messages: LogMessage[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Sends that come while a transaction is under way share the next one: a disk flush for many, and their order is kept. */
export class EmbeddedProducer implements LogProducer {
  private readonly partitions = new Map<string, number>();
  private queue: Send[] = [];
  private flushing: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly wakes: Wakes,
    private readonly sendTimeoutMs: number,
  ) {}

  async send(topic: string, messages: LogMessage[]): Promise<void> {
    checkMessages(topic, messages);
    if (this.closed) throw new LogUnavailable('the producer is closed');
    if (messages.length === 0) return;
    let send: Send | undefined;
    const stored = new Promise<void>((resolve, reject) => {
      send = { topic, messages, resolve, reject };
      this.queue.push(send);
    });
    this.flushing ??= this.flush();
    await withDeadline(stored, this.sendTimeoutMs, () => {
      this.queue = this.queue.filter((waiting) => waiting !== send);
      return new LogUnavailable(`PostgreSQL did not store a send to topic "${topic}" within ${this.sendTimeoutMs} ms`);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.flushing;
  }

  private async flush(): Promise<void> {
    while (this.queue.length > 0) {
      const sends = this.nextSends();
      const topic = sends[0]!.topic;
      try {
        await append(this.database, topic, await this.partitionsOf(topic), sends.flatMap(({ messages }) => messages)); // prettier-ignore
        this.wakes.notify({ topic });
        for (const { resolve } of sends) resolve();
      } catch (error) {
        this.partitions.delete(topic);
        for (const { reject } of sends) reject(error);
      }
    }
    this.flushing = undefined;
  }

  /** The oldest send, and those to the same topic behind it, also past others: two topics in turn would go one by one. */
  private nextSends(): Send[] {
    const { topic } = this.queue[0]!;
    const taken: Send[] = [];
    const left: Send[] = [];
    let messages = 0;
    for (const send of this.queue) {
      const isNext = send.topic === topic && messages <= FLUSH_MESSAGES;
      if (isNext) messages += send.messages.length;
      (isNext && (taken.length === 0 || messages <= FLUSH_MESSAGES) ? taken : left).push(send);
    }
    this.queue = left;
    return taken;
  }

  /** A topic never changes its number of partitions; it is asked again after a failure, since the database may be another. */
  private async partitionsOf(topic: string): Promise<number> {
    const known = this.partitions.get(topic) ?? (await readTopics(this.database, [topic]))[0]?.partitions;
    if (known === undefined) throw noSuchTopic(topic);
    this.partitions.set(topic, known);
    return known;
  }
}
