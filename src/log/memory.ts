import { setImmediate as turn } from 'node:timers/promises';
import { type BackoffOptions } from './backoff';
import { checkConsumerOptions, type DeliveryContext } from './delivery';
import { type Logger, silentLogger } from './logger';
import { checkMessages } from './messages';
import { partitionOf } from './partitioner';
import { type GroupMember, partitionKey, sharePartitions, type TopicPartition } from './partitions';
import {
  type LogAdmin,
  type LogConsumer,
  type LogConsumerOptions,
  type LogMessage,
  type LogProducer,
  type LogRecord,
  LogUnavailable,
  type MessageLog,
} from './port';
import { readPartition } from './reader';

interface Running {
  stop: AbortController;
  ended: Promise<void>;
}

interface Member extends GroupMember {
  context: DeliveryContext;
  running: Map<string, Running>;
}

/** A log in memory for fast tests: every contract of the port but durability, and an outage at will. Nothing is ever swept. */
export class MemoryLog implements MessageLog {
  private readonly topics = new Map<string, LogRecord[][]>();
  private readonly groups = new Map<string, Member[]>();
  private readonly wakers = new Set<() => void>();
  private rebalancing: Promise<void> = Promise.resolve();
  private away = false;
  private closed = false;
  private members = 0;

  constructor(
    private readonly logger: Logger = silentLogger,
    private readonly backoff: BackoffOptions = { baseMs: 5, maxMs: 50 },
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Begins (true) or ends (false) an outage: sends reject with `LogUnavailable`, consumers wait. */
  fail(on: boolean): void {
    this.away = on;
    this.wake();
  }

  async producer(): Promise<LogProducer> {
    return { send: (topic, messages) => this.append(topic, messages), close: async () => {} };
  }

  async admin(): Promise<LogAdmin> {
    return {
      ensureTopics: async (topics) => {
        await this.reachable();
        for (const { name, partitions } of topics) {
          if (!this.topics.has(name))
            this.topics.set(
              name,
              Array.from({ length: partitions }, () => []),
            );
        }
        await Promise.all([...this.groups.keys()].map((group) => this.rebalance(group)));
      },
      endOffsets: async (topic) => {
        await this.reachable();
        return new Map(this.partitions(topic).map((records, partition) => [partition, BigInt(records.length)]));
      },
      close: async () => {},
    };
  }

  async consume(options: LogConsumerOptions): Promise<LogConsumer> {
    checkConsumerOptions(options);
    if (this.closed) throw new LogUnavailable('the log is closed');
    const { group, topics } = options;
    const context = { options, logger: this.logger, backoff: this.backoff };
    const member: Member = { id: `member-${this.members++}`, topics, context, running: new Map() };
    this.groups.set(group, [...(this.groups.get(group) ?? []), member]);
    await this.rebalance(group);
    return {
      close: async () => {
        this.groups.set(group, this.groups.get(group)!.filter((other) => other !== member)); // prettier-ignore
        await stopAll([...member.running.values()]);
        await this.rebalance(group);
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    const running = [...this.groups.values()].flat().flatMap((member) => [...member.running.values()]);
    this.groups.clear();
    await stopAll(running);
  }

  private async append(topic: string, messages: LogMessage[]): Promise<void> {
    checkMessages(topic, messages);
    await this.reachable();
    const partitions = this.partitions(topic);
    for (const { key, value, headers } of messages) {
      const records = partitions[partitionOf(key, partitions.length)]!;
      const copy = { key, value: Buffer.from(value), ...(headers && { headers: { ...headers } }) };
      records.push({ ...copy, offset: BigInt(records.length), appendedAt: this.now() });
    }
    this.wake();
  }

  /** One rebalance at a time: what a member loses has ended before another gets it. */
  private rebalance(group: string): Promise<void> {
    this.rebalancing = this.rebalancing.then(async () => {
      const members = this.groups.get(group) ?? [];
      const topics = [...this.topics].map(([name, partitions]) => ({ name, partitions: partitions.length }));
      const shares = sharePartitions(members, topics);
      const lost = members.flatMap(({ id, running }) => {
        const kept = new Set(shares.get(id)!.map(partitionKey));
        return [...running].filter(([key]) => !kept.has(key)).map(([key, run]) => (running.delete(key), run));
      });
      await stopAll(lost);
      for (const member of members) {
        for (const share of shares.get(member.id)!) {
          if (!member.running.has(partitionKey(share)))
            member.running.set(partitionKey(share), this.run(member, share));
        }
      }
    });
    return this.rebalancing;
  }

  private run(member: Member, assigned: TopicPartition): Running {
    const stop = new AbortController();
    const records = this.topics.get(assigned.topic)![assigned.partition]!;
    const read = async (position: bigint): Promise<{ records: LogRecord[]; nextOffset: bigint }> => {
      await turn();
      if (this.away) return { records: [], nextOffset: position };
      return { records: records.slice(Number(position)), nextOffset: BigInt(records.length) };
    };
    const wait = (position: bigint, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!signal.aborted && (this.away || BigInt(records.length) <= position)) return;
          this.wakers.delete(check);
          signal.removeEventListener('abort', check);
          resolve();
        };
        this.wakers.add(check);
        signal.addEventListener('abort', check);
        check();
      });
    return { stop, ended: readPartition(member.context, assigned, { read, wait }, stop.signal) };
  }

  private wake(): void {
    for (const check of [...this.wakers]) check();
  }

  private partitions(topic: string): LogRecord[][] {
    const partitions = this.topics.get(topic);
    if (!partitions) throw new LogUnavailable(`topic "${topic}" does not exist: create it with ensureTopics`);
    return partitions;
  }

  private async reachable(): Promise<void> {
    await turn();
    if (this.closed) throw new LogUnavailable('the log is closed');
    if (this.away) throw new LogUnavailable('the log is away');
  }
}

async function stopAll(running: Running[]): Promise<void> {
  for (const { stop } of running) stop.abort();
  await Promise.all(running.map(({ ended }) => ended));
}
