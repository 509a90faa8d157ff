import { type Consumer, type ConsumerCrashEvent, type ConsumerGroupJoinEvent, type Kafka } from 'kafkajs';
import { fullJitterMs, pause } from '../backoff';
import { withDeadline } from '../deadline';
import { type DeliveryContext, report } from '../delivery';
import { errorText } from '../logger';
import { partitionKey } from '../partitions';
import { type LogConsumer } from '../port';
import { type PartitionEnds } from './admin';
import { LONG_RETRY } from './client';
import { KafkaPartition, type PartitionFeed } from './partition';

/** A fetch without news waits this long on the broker: also how long a resumed partition may wait for its turn. */
const FETCH_WAIT_MS = 250;
const HEARTBEAT_MS = 1_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const COMMIT_INTERVAL_MS = 5_000;

/** How long closing waits for a member that is just joining, so that it can leave the group properly. */
const LEAVE_TIMEOUT_MS = 5_000;

/**
 * One member of a group. A consumer of kafkajs dies for good when its retries end or it meets an error that it takes for
 * final, so this runs one after the other, each made anew, until it is closed.
 */
export class KafkaConsumer implements LogConsumer {
  private partitions = new Map<string, KafkaPartition>();
  private readonly stop = new AbortController();
  private readonly stopped: Promise<void>;
  private readonly running: Promise<void>;
  private readonly committed = new Map<string, bigint>();
  private readonly asked = new Map<string, Promise<Map<number, PartitionEnds>>>();
  private joined = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly context: DeliveryContext,
    private readonly endsOf: (topic: string) => Promise<Map<number, PartitionEnds>>,
    private readonly sessionTimeoutMs: number,
    private readonly onFirstJoin: () => void,
  ) {
    this.stopped = new Promise((resolve) =>
      this.stop.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stop.signal.aborted; failures++) {
      this.joined = false;
      try {
        await this.session();
      } catch (error) {
        if (this.stop.signal.aborted) break;
        if (this.joined) failures = 0;
        report(this.context, error, {}, 'a consumer of Kafka has failed and is made anew');
        await pause(fullJitterMs(failures, { ...this.context.backoff, maxMs: 5_000 }), this.stop.signal);
      }
    }
  }

  /** From connecting to being closed; rejects when kafkajs gives up. */
  private async session(): Promise<void> {
    const { group, topics } = this.context.options;
    const consumer = this.kafka.consumer({
      groupId: group,
      sessionTimeout: this.sessionTimeoutMs,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { ...LONG_RETRY, restartOnFailure: async () => false },
    });
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }: ConsumerCrashEvent) => reject(payload.error));
    });
    crashed.catch(() => undefined);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }: ConsumerGroupJoinEvent) =>
      this.assign(consumer, payload.memberAssignment),
    );
    consumer.on(consumer.events.REBALANCING, () => this.revoke());
    const commits = setInterval(() => void this.commit(consumer), COMMIT_INTERVAL_MS);
    let started: Promise<void> = Promise.resolve();
    try {
      started = this.start(consumer, topics);
      await Promise.race([started, crashed, this.stopped]);
      await Promise.race([crashed, this.stopped]);
    } finally {
      clearInterval(commits);
      this.revoke();
      // Another consumer waits for these calls, partition by partition, when this one has crashed.
      if (this.stop.signal.aborted) await this.leave(consumer, started);
      const disconnect = (): Promise<void> => consumer.disconnect().catch(() => undefined);
      await disconnect();
      // It may still be connecting, which nothing interrupts.
      void started.then(disconnect, disconnect);
    }
  }

  private async start(consumer: Consumer, topics: string[]): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.partitions.get(partitionKey(payload.batch))?.offer(payload),
    });
  }

  private async leave(consumer: Consumer, started: Promise<void>): Promise<void> {
    await Promise.all([...this.partitions.values()].map(({ ended }) => ended));
    await this.commit(consumer);
    await withDeadline(started, LEAVE_TIMEOUT_MS, () => new Error('still joining')).catch(() => undefined);
  }

  /** Called before the first fetch of an assignment: all is paused until its position is known. */
  private assign(consumer: Consumer, assignment: Record<string, number[]>): void {
    if (this.stop.signal.aborted) return;
    const before = this.partitions;
    this.revoke();
    const feed: PartitionFeed = {
      ends: (topic) => this.ends(topic),
      seek: ({ topic, partition }, offset) =>
        this.unlessEnded(() => consumer.seek({ topic, partition, offset: offset.toString() })),
      pause: ({ topic, partition }) => this.unlessEnded(() => consumer.pause([{ topic, partitions: [partition] }])),
      resume: ({ topic, partition }) => this.unlessEnded(() => consumer.resume([{ topic, partitions: [partition] }])),
    };
    this.partitions = new Map();
    for (const [topic, partitions] of Object.entries(assignment)) {
      consumer.pause([{ topic, partitions }]);
      for (const partition of partitions) {
        const at = { topic, partition };
        const previous = before.get(partitionKey(at))?.ended;
        this.partitions.set(partitionKey(at), new KafkaPartition(this.context, feed, at, previous));
      }
    }
    this.joined = true;
    this.onFirstJoin();
  }

  /** A consumer of kafkajs that has crashed throws at each call; its partitions are about to be revoked. */
  private unlessEnded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.context.logger.debug({ error: errorText(error) }, 'a consumer of Kafka has ended already');
    }
  }

  private revoke(): void {
    for (const partition of this.partitions.values()) partition.revoke();
  }

  /** One request for all partitions of a topic that ask at once. */
  private ends(topic: string): Promise<Map<number, PartitionEnds>> {
    const pending = this.asked.get(topic);
    if (pending) return pending;
    const asking = this.endsOf(topic).finally(() => this.asked.delete(topic));
    this.asked.set(topic, asking);
    return asking;
  }

  /** Only so that Kafka's own tools show how far the group is: where it starts is for `startAt` to say. */
  private async commit(consumer: Consumer): Promise<void> {
    const offsets = [...this.partitions].flatMap(([key, { at, position }]) =>
      position === undefined || this.committed.get(key) === position ? [] : [{ ...at, key, position }],
    );
    if (offsets.length === 0) return;
    try {
      await consumer.commitOffsets(offsets.map(({ topic, partition, position }) => ({ topic, partition, offset: position.toString() }))); // prettier-ignore
      for (const { key, position } of offsets) this.committed.set(key, position);
    } catch (error) {
      this.context.logger.debug(
        { error: errorText(error) },
        'offsets were not committed, which only monitoring misses',
      );
    }
  }
}
