import { Partitioners } from 'kafkajs';
import { murmur2, partitionOf } from './partitioner';

const kafkaPartition = (key: string, partitions: number): number =>
  Partitioners.DefaultPartitioner()({
    topic: 't',
    message: { key, value: null },
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 1,
      replicas: [1],
      isr: [1], // prettier-ignore
    })),
  });

describe('partitionOf', () => {
  it('hashes as the vectors of the Java client do', () => {
    // From UtilsTest.testMurmur2 of Apache Kafka.
    const vectors: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [text, hash] of vectors) expect([text, murmur2(Buffer.from(text))]).toEqual([text, hash]);
  });

  it('agrees with the partitioner of kafkajs, whatever the length and the bytes of the key', () => {
    for (let i = 0; i < 500; i++) {
      const key = 'é𝒳z€a'.repeat(3).slice(0, i % 14) + i.toString(36);
      expect([key, partitionOf(key, 12)]).toEqual([key, kafkaPartition(key, 12)]);
    }
  });
});
