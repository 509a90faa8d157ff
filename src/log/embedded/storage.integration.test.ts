import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { keyOf, Ledger, message, PARTITIONS, range, until } from '../contract-reader';
import { embeddedLogConfigSchema } from '../config';
import { silentLogger } from '../logger';
import { EmbeddedLog } from './log';

describe('storage of the embedded log', () => {
  let database: FreshDatabase;
  let pool: Pool;
  let log: EmbeddedLog;
  const topic = 't';
  const retentionMs = 60_000;

  beforeEach(async () => {
    database = await freshDatabase();
    pool = new Pool({ connectionString: database.url, max: 20 });
    pool.on('error', () => undefined);
    log = new EmbeddedLog(embeddedLogConfigSchema.parse({ kind: 'embedded', pool, maxBackoffMs: 100 }), silentLogger);
    await (await log.admin()).ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs }]);
  });
  afterEach(async () => {
    await log.close();
    await pool.end();
    await database.drop();
  });

  it('shows the offsets of a partition in order and without gaps, whoever appends at once', async () => {
    const ledger = new Ledger();
    const consumer = await ledger.consume(log, topic, { group: 'g' });
    const producers = await Promise.all(range(8).map(() => log.producer()));
    await Promise.all(
      producers.map(async (producer, i) => {
        for (const n of range(20)) {
          const partitions = i % 2 === 0 ? [0, 1, 2, 3] : [3, 2, 1, 0];
          await producer.send(topic, partitions.map((p) => message(keyOf(p, `p${i}`), `n${n}`))); // prettier-ignore
        }
      }),
    );
    await until('all are read', () => ledger.records.length === 8 * 20 * PARTITIONS);
    await consumer.close();
    // The ledger has found no gap; and within each producer's keys the order is kept.
    expect(ledger.faults).toEqual([]);
    for (const i of range(8)) expect(ledger.texts(keyOf(2, `p${i}`))).toEqual(range(20).map((n) => `n${n}`));
  });

  it('sweeps what is older than the retention; a reader that is behind goes on with what is left', async () => {
    const producer = await log.producer();
    const old = range(6_000).map((n) => message(keyOf(0), `old${n}`));
    await producer.send(topic, old);
    await producer.send(topic, [message(keyOf(1), 'old')]);
    await pool.query(`UPDATE log_records SET appended_at = appended_at - interval '1 hour'`);
    const now = new Date();
    await producer.send(topic, [message(keyOf(0), 'new')]);
    expect(await log.sweep(now)).toBe(6_001);
    expect(await log.sweep(now)).toBe(0);
    expect(await log.sweep(new Date(now.getTime() - retentionMs))).toBe(0);

    const seen: [number, bigint, string][] = [];
    const consumer = await log.consume({
      group: 'g',
      topics: [topic],
      maxBatchRecords: 10,
      startAt: async (_, partition) => (partition === 0 ? 17n : undefined),
      onBatch: async ({ partition, records }) => {
        for (const { offset, value } of records) seen.push([partition, offset, value.toString()]);
      },
    });
    await until('what is left is read', () => seen.length === 1);
    await producer.send(topic, [message(keyOf(1), 'later')]);
    await until('what comes is read', () => seen.length === 2);
    expect(seen).toEqual([
      [0, 6_000n, 'new'],
      [1, 1n, 'later'],
    ]);
    await consumer.close();
  });

  it('bounds a batch by bytes, too', async () => {
    const producer = await log.producer();
    for (const n of range(3)) await producer.send(topic, range(4).map((i) => ({ key: keyOf(0), value: Buffer.alloc(900_000, 4 * n + i) }))); // prettier-ignore
    const ledger = new Ledger();
    const consumer = await ledger.consume(log, topic, { group: 'g' });
    await until('all are read', () => ledger.records.length === 12);
    await consumer.close();
    expect(ledger.records.map(({ value }) => value[0])).toEqual(range(12));
    expect(Math.max(...ledger.batches.map(({ records }) => records.length))).toBe(5);
  });
});
