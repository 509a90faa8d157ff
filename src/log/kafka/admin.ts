import { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';
import { withDeadline } from '../deadline';
import { errorText } from '../logger';
import { type LogAdmin, LogUnavailable } from '../port';

/** A connection for each call: they are rare, and an old connection may lead to a broker that went. */
export async function withAdmin<T>(kafka: Kafka, timeoutMs: number, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  const run = async (): Promise<T> => {
    await admin.connect();
    return work(admin);
  };
  try {
    return await withDeadline(
      run(),
      timeoutMs,
      () => new LogUnavailable(`Kafka did not answer within ${timeoutMs} ms`),
    );
  } catch (error) {
    if (error instanceof LogUnavailable) throw error;
    throw new LogUnavailable(`Kafka cannot be reached: ${errorText(error)}`, { cause: error });
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}

export interface PartitionEnds {
  low: bigint;
  high: bigint;
}

export async function partitionEnds(
  kafka: Kafka,
  timeoutMs: number,
  topic: string,
): Promise<Map<number, PartitionEnds>> {
  const offsets = await withAdmin(kafka, timeoutMs, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
}

export class KafkaAdmin implements LogAdmin {
  constructor(
    private readonly kafka: Kafka,
    private readonly timeoutMs: number,
  ) {}

  async ensureTopics(topics: { name: string; partitions: number; retentionMs: number }[]): Promise<void> {
    await withAdmin(this.kafka, this.timeoutMs, async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ name }) => !existing.has(name));
      // One by one: a request with a topic that somebody else has created meanwhile fails as a whole.
      for (const topic of missing) await admin.createTopics({ topics: [asCreated(topic)], waitForLeaders: true });
    });
  }

  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    const ends = await partitionEnds(this.kafka, this.timeoutMs, topic);
    return new Map([...ends].sort(([a], [b]) => a - b).map(([partition, { high }]) => [partition, high]));
  }

  async close(): Promise<void> {}
}

const asCreated = ({
  name,
  partitions,
  retentionMs,
}: {
  name: string;
  partitions: number;
  retentionMs: number;
}): ITopicConfig => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor: -1,
  configEntries: [
    { name: 'retention.ms', value: String(retentionMs) },
    { name: 'cleanup.policy', value: 'delete' },
    // So that a record's time is the log's, whatever the clock of the agent that sent it.
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
  ],
});
