import { Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { keyOf, Ledger, message, PARTITIONS, range, until } from '../contract-reader';
import { silentLogger } from '../logger';
import { openLog } from '../open';
import { type LogProducer, type MessageLog } from '../port';

describe('leases of the embedded log', () => {
  let database: FreshDatabase;
  let pool: Pool;
  let log: MessageLog;
  let producer: LogProducer;
  const topic = 't';

  beforeEach(async () => {
    database = await freshDatabase();
    pool = new Pool({ connectionString: database.url });
    pool.on('error', () => undefined);
    log = openLog({ kind: 'embedded', pool, leaseTtlMs: 4_000, maxBackoffMs: 100 }, silentLogger);
    await (await log.admin()).ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000 }]);
    producer = await log.producer();
  });
  afterEach(async () => {
    await log.close();
    await pool.end();
    await database.drop();
  });

  const sendOneEach = (): Promise<void> => producer.send(topic, range(PARTITIONS).map((p) => message(keyOf(p), 'a'))); // prettier-ignore
  const epochs = async (): Promise<string[]> =>
    (await pool.query('SELECT epoch FROM log_assignments ORDER BY partition')).rows.map(({ epoch }) => epoch);

  it('takes over the partitions of a member that died, when its leases end and not before', async () => {
    const { rows } = await pool.query(
      `WITH dead AS (INSERT INTO log_members VALUES ('g', 'dead', '{t}', clock_timestamp() + interval '1 s'))
       INSERT INTO log_assignments SELECT 'g', 't', p, 'dead', clock_timestamp() + interval '1 s', 7 FROM generate_series(0, 3) p
       RETURNING expires_at`,
    );
    const ledger = new Ledger();
    const called: Date[] = [];
    ledger.during = async () => void called.push((await pool.query('SELECT clock_timestamp() AS now')).rows[0].now);
    await sendOneEach();
    const consumer = await ledger.consume(log, topic, { group: 'g' });
    await until('all are read', () => ledger.records.length === PARTITIONS);
    for (const at of called) expect(at.getTime()).toBeGreaterThanOrEqual(rows[0].expires_at.getTime());
    expect(await epochs()).toEqual(['8', '8', '8', '8']);
    await consumer.close();
    expect(ledger.faults).toEqual([]);
  });

  it('stops reading a partition that was taken from it, and asks startAt again when it has it back', async () => {
    const ledger = new Ledger();
    let asked = 0;
    const startAt = async (_: string, partition: number): Promise<bigint | undefined> => {
      asked++;
      return ledger.positions.get(partition);
    };
    const consumer = await ledger.consume(log, topic, { group: 'g', startAt });
    await sendOneEach();
    await until('all are read', () => ledger.records.length === PARTITIONS);
    expect(asked).toBe(PARTITIONS);
    await pool.query(
      `UPDATE log_assignments SET member = 'thief', epoch = epoch + 1, expires_at = clock_timestamp() + interval '500 ms'`,
    );
    await until('it has all of them back', () => asked === 2 * PARTITIONS);
    await sendOneEach();
    await until('all are read again', () => ledger.records.length === 2 * PARTITIONS);
    expect(await epochs()).toEqual(['3', '3', '3', '3']);
    await consumer.close();
    expect(ledger.faults).toEqual([]);
  });

  it('leaves nothing behind that others would have to wait for, and a pool that it was given open', async () => {
    const consumer = await new Ledger().consume(log, topic, { group: 'g' });
    await consumer.close();
    await log.close();
    const left = `SELECT FROM log_assignments WHERE expires_at > clock_timestamp() UNION ALL SELECT FROM log_members`;
    expect((await pool.query(left)).rowCount).toBe(0);
  });
});
