import { randomUUID } from 'node:crypto';
import { keyOf, Ledger, message, PARTITIONS, range, until } from './contract-reader';
import { InvalidMessage, type LogProducer, LogUnavailable, MAX_MESSAGE_BYTES, type MessageLog } from './port';

export interface LogUnderTest {
  /** A log over the same storage; closed by `close`. */
  open(): MessageLog;
  beginOutage(): Promise<void>;
  endOutage(): Promise<void>;
  close(): Promise<void>;
}

/** What every implementation of the message log has to do. `make` may take a while: it is called once. */
export function describeMessageLog(name: string, make: () => Promise<LogUnderTest>): void {
  describe(`the message log: ${name}`, () => {
    let under: LogUnderTest;
    let log: MessageLog;
    let producer: LogProducer;
    let topic: string;
    let group: string;
    let ledger: Ledger;

    beforeAll(async () => {
      under = await make();
      log = under.open();
      producer = await log.producer();
    }, 120_000);
    afterAll(() => under.close(), 60_000);

    const ensure = async (topics: string[], partitions = PARTITIONS): Promise<void> => {
      const admin = await log.admin();
      await admin.ensureTopics(topics.map((name) => ({ name, partitions, retentionMs: 3_600_000 })));
      await admin.close();
    };
    const endOffsets = async (): Promise<Map<number, bigint>> => {
      const admin = await log.admin();
      return admin.endOffsets(topic).finally(() => admin.close());
    };
    const sendEach = async (keys: string[], texts: string[]): Promise<void> => {
      for (const text of texts) await producer.send(topic, keys.map((key) => message(key, text))); // prettier-ignore
    };

    beforeEach(async () => {
      topic = `contract.${randomUUID()}`;
      group = `group-${randomUUID()}`;
      ledger = new Ledger();
      await ensure([topic]);
    });
    afterEach(() => expect(ledger.faults).toEqual([]));

    const keys = range(10).map((i) => `cluster-${i}`);
    const texts = (from: number, to: number): string[] => range(to - from).map((i) => `n${from + i}`);

    it('keeps the order of each key, and gives back what was sent', async () => {
      const consumer = await ledger.consume(log, topic, { group });
      await sendEach(keys, texts(0, 30));
      await producer.send(topic, [{ key: 'é', value: Buffer.from([0, 255, 10]), headers: { kind: 'ünit' } }]);
      await producer.send(topic, [{ key: 'empty', value: Buffer.alloc(0) }]);
      await producer.send(topic, []);
      await until('all are read', () => ledger.records.length === keys.length * 30 + 2);
      await consumer.close();
      for (const key of keys) expect(ledger.texts(key)).toEqual(texts(0, 30));
      const [special] = ledger.records.filter(({ key }) => key === 'é');
      expect(special).toMatchObject({ value: Buffer.from([0, 255, 10]), headers: { kind: 'ünit' } });
      expect(Math.abs(Date.now() - special!.appendedAt.getTime())).toBeLessThan(60_000);
      expect(ledger.records.find(({ key }) => key === 'empty')!.value).toHaveLength(0);
    });

    it('goes on where startAt says after a close, and from the oldest when it says nothing', async () => {
      await sendEach(keys, texts(0, 10));
      const first = await ledger.consume(log, topic, { group });
      await until('the first half is read', () => ledger.records.length === 100);
      await first.close();
      await sendEach(keys, texts(10, 20));
      const second = await ledger.consume(log, topic, { group });
      await until('the second half is read', () => ledger.records.length === 200);
      await second.close();
      for (const key of keys) expect(ledger.texts(key)).toEqual(texts(0, 20));
    });

    it('goes back to where startAt says, whatever the group has read before, and with nothing new', async () => {
      await sendEach(keys, texts(0, 20));
      const first = await ledger.consume(log, topic, { group });
      await until('all are read', () => ledger.records.length === 200);
      await first.close();
      const again = new Ledger();
      for (const partition of range(PARTITIONS)) again.positions.set(partition, 3n);
      const second = await again.consume(log, topic, { group });
      await until('all but three of each partition are read', () => again.records.length === 200 - 3 * PARTITIONS);
      await second.close();
      expect([...again.positions].sort()).toEqual([...ledger.positions].sort());
      expect(again.faults).toEqual([]);
    });

    it('reads from the oldest, and says so, when startAt is beyond the end', async () => {
      await producer.send(topic, [message(keyOf(1), 'a')]);
      const consumer = await ledger.consume(log, topic, {
        group,
        startAt: async (_, p) => (p === 1 ? 1000n : undefined),
      });
      await until('it is read', () => ledger.records.length === 1);
      await consumer.close();
      expect(ledger.errors.map(String).join()).toMatch(/beyond the end/);
    });

    it('asks startAt again when it rejects', async () => {
      await producer.send(topic, [message(keyOf(0), 'a')]);
      let asked = 0;
      const startAt = async (): Promise<undefined> => {
        if (asked++ < PARTITIONS) throw new Error('the database is away');
      };
      const consumer = await ledger.consume(log, topic, { group, startAt });
      await until('it is read', () => ledger.records.length === 1);
      await consumer.close();
      expect(ledger.errors.length).toBeGreaterThanOrEqual(PARTITIONS);
    });

    it('refuses options that it cannot serve', async () => {
      for (const maxBatchRecords of [0, 1.5, 1_000_000]) {
        await expect(ledger.consume(log, topic, { group, maxBatchRecords })).rejects.toThrow(RangeError);
      }
      await expect(ledger.consume(log, topic, { group, topics: [] })).rejects.toThrow(RangeError);
    });

    it('makes one call at a time for a partition, several at once for several, none above the limit', async () => {
      let running = 0;
      let most = 0;
      ledger.during = async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 10));
        running--;
      };
      await sendEach(keys, texts(0, 10));
      const consumer = await ledger.consume(log, topic, { group, maxBatchRecords: 7 });
      await sendEach(keys, texts(10, 20));
      await until('all are read', () => ledger.records.length === 200);
      await consumer.close();
      expect(most).toBeGreaterThan(1);
      const sizes = ledger.batches.map(({ records }) => records.length);
      expect(Math.max(...sizes)).toBe(7);
      for (const key of keys) expect(ledger.texts(key)).toEqual(texts(0, 20));
    });

    it('delivers a rejected batch again until it is taken', async () => {
      const seen: bigint[] = [];
      let rejections = 3;
      ledger.during = ({ records }) => {
        seen.push(records[0]!.offset);
        if (rejections-- > 0) throw new Error('not now');
      };
      await sendEach([keyOf(2)], texts(0, 20));
      const consumer = await ledger.consume(log, topic, { group, maxBatchRecords: 5 });
      await until('all are read', () => ledger.records.length === 20);
      await consumer.close();
      expect(seen.slice(0, 4)).toEqual([0n, 0n, 0n, 0n]);
      expect(ledger.errors.map(String)).toEqual(Array(3).fill('Error: not now'));
    });

    it('reads the other partitions while one is rejected for ever', async () => {
      ledger.during = ({ partition }) => {
        if (partition === 1) throw new Error('poison');
      };
      const consumer = await ledger.consume(log, topic, { group });
      await sendEach([0, 1, 2, 3].map((partition) => keyOf(partition)), texts(0, 20)); // prettier-ignore
      await until('three partitions are read', () => ledger.records.length === 60);
      await consumer.close();
      expect(ledger.positions.has(1)).toBe(false);
    });

    it('shares partitions among members, and those of one that closes go to the other', async () => {
      const other = under.open();
      const first = await ledger.consume(log, topic, { group, member: 'first' });
      const second = await ledger.consume(other, topic, { group, member: 'second' });
      let sent = 0;
      const sendUntil = async (what: string, condition: () => boolean): Promise<void> => {
        const end = Date.now() + 20_000;
        for (; !condition(); sent++) {
          if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
          await sendEach(keys, [`n${sent}`]);
        }
      };
      const readers = (member: string): number => ledger.readers.get(member)?.size ?? 0;
      await sendUntil('both read', () => readers('first') > 0 && readers('second') > 0);
      await first.close();
      ledger.readers.clear();
      await sendUntil('the second reads all', () => readers('second') === PARTITIONS);
      expect(readers('first')).toBe(0);
      await until('nothing is missing', () => ledger.records.length === sent * keys.length);
      await second.close();
      for (const key of keys) expect(ledger.texts(key)).toEqual(texts(0, sent));
    }, 60_000);

    it('ends a consumer after the call under way, and calls it no more', async () => {
      let release = (): void => {};
      let calls = 0;
      ledger.during = () => (calls++, new Promise((resolve) => (release = resolve)));
      await sendEach([keyOf(0)], texts(0, 10));
      const consumer = await ledger.consume(log, topic, { group, maxBatchRecords: 1 });
      await until('a call is under way', () => calls === 1);
      let closed = false;
      const closing = consumer.close().then(() => (closed = true));
      await sendEach([keyOf(0)], ['later']);
      expect(closed).toBe(false);
      release();
      await closing;
      expect([calls, ledger.texts()]).toEqual([1, ['n0']]);
    });

    it('takes a thousand messages, and more bytes than one request of Kafka, in one send', async () => {
      const big = (i: number): string => `${i}:`.padEnd(4_000, 'x');
      await producer.send(topic, range(1_000).map((i) => message(keyOf(i % 2), big(i)))); // prettier-ignore
      const ends = await endOffsets();
      expect([...ends].sort()).toEqual([[0, 500n], [1, 500n], [2, 0n], [3, 0n]]); // prettier-ignore
      const consumer = await ledger.consume(log, topic, { group, maxBatchRecords: 1_000 });
      await until('all are read', () => ledger.records.length === 1_000);
      await consumer.close();
      for (const p of [0, 1]) expect(ledger.texts(keyOf(p))).toEqual(range(500).map((i) => big(2 * i + p)));
      for (const { partition, highWatermark } of ledger.batches) expect(highWatermark).toBe(ends.get(partition));
    });

    it('takes a message up to the limit, and refuses a larger one before anything is stored', async () => {
      const sized = (sizeBytes: number) => ({ key: keyOf(0), value: Buffer.alloc(sizeBytes - keyOf(0).length, 1) });
      await expect(producer.send(topic, [message(keyOf(0), 'a'), sized(MAX_MESSAGE_BYTES + 1)])).rejects.toThrow(
        InvalidMessage,
      );
      await expect(producer.send(topic, [message('a\0b', 'a')])).rejects.toThrow(/message 0 .*NUL/);
      expect((await endOffsets()).get(0)).toBe(0n);
      await producer.send(topic, [sized(MAX_MESSAGE_BYTES)]);
      const consumer = await ledger.consume(log, topic, { group });
      await until('it is read', () => ledger.records.length === 1);
      await consumer.close();
      expect(ledger.records[0]!.value.equals(sized(MAX_MESSAGE_BYTES).value)).toBe(true);
    });

    it('creates missing topics and leaves existing ones alone', async () => {
      const another = `contract.${randomUUID()}`;
      await producer.send(topic, [message(keyOf(0), 'a')]);
      await Promise.all([ensure([topic, another], 9), ensure([another, topic], 9)]);
      expect((await endOffsets()).size).toBe(PARTITIONS);
      expect((await endOffsets()).get(0)).toBe(1n);
      await producer.send(another, [message('a', 'a')]);
    });

    it('says that a topic is missing', async () => {
      await expect(producer.send(`contract.${randomUUID()}`, [message('a', 'a')])).rejects.toThrow(LogUnavailable);
    });

    it('rejects sends during an outage; afterwards senders and consumers go on', async () => {
      const consumer = await ledger.consume(log, topic, { group });
      await sendEach(keys, texts(0, 5));
      await until('all are read', () => ledger.records.length === 50);
      await under.beginOutage();
      try {
        await expect(sendEach(keys, ['lost'])).rejects.toThrow(LogUnavailable);
        await expect((await log.producer()).send(topic, [message('a', 'lost')])).rejects.toThrow(LogUnavailable);
        await expect(endOffsets()).rejects.toThrow(LogUnavailable);
      } finally {
        await under.endOutage();
      }
      for (const text of texts(5, 10)) await retried(() => sendEach(keys, [text]));
      // Sends that were retried may have doubled some: each text is there, and the first ones are in order.
      const firsts = (key: string): string[] => [...new Set(ledger.texts(key))].filter((text) => text !== 'lost');
      await until('all are read', () => keys.every((key) => firsts(key).length === 10), 60_000);
      await consumer.close();
      for (const key of keys) expect(firsts(key)).toEqual(texts(0, 10));
    }, 120_000);
  });
}

async function retried(work: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 60_000; ;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LogUnavailable) || Date.now() > end) throw error;
    }
  }
}
