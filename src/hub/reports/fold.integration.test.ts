import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { type Report, type TargetReport, topics } from '#libs/protocol/report';
import { signValue } from '#libs/protocol/signed';
import { fold, nothingTold, presentTargets } from '#libs/reports/fold';
import type { LogRecord } from '#src/log/port';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { FoldConsumer } from './fold.consumer';

const applications = [randomUUID(), randomUUID(), randomUUID()];

const targetOf = (application: string, generation: number): TargetReport => ({
  application,
  scope: 'cluster',
  bundle: null,
  epoch: 1,
  generation,
  phase: 'applied',
  health: { status: 'healthy', message: '' },
  objects: { total: 1, applied: 1, failed: 0 },
  drifted: 0,
  corrected: 0,
  driftNotes: [],
  errors: [],
  pendingDeletions: [],
  observedAt: '2026-01-01T00:00:00.000Z',
  ageMs: 0,
});

describe('the fold of reports', () => {
  let hub: TestHub;
  let consumer: { fold(batch: unknown): Promise<void> };
  let partition = 1_000;

  beforeAll(async () => {
    hub = await startTestHub();
    consumer = hub.app.get<FoldConsumer, typeof consumer>(FoldConsumer, { strict: false });
  });
  afterAll(() => hub.stop());

  async function joined(): Promise<{ id: string; key: KeyObject }> {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    const publicKey = publicKeyText(key);
    const id = randomUUID();
    await hub.database.execute(
      `INSERT INTO clusters (id, name, region, lifecycle, agent_key, agent_key_id) VALUES ($1, $2, 'eu', 'joined', $3, $4)`,
      [id, `c-${id.slice(0, 8)}`, publicKey, keyIdOf(publicKey)],
    );
    return { id, key };
  }
  const recordOf = (value: unknown, key: string, offset: number): LogRecord => ({
    key,
    value: Buffer.from(JSON.stringify(value)),
    offset: BigInt(offset),
    appendedAt: new Date(),
  });
  const deliver = (records: LogRecord[], of = partition) =>
    consumer.fold({ topic: topics.reports, partition: of, records, highWatermark: records.at(-1)!.offset + 1n });
  const letters = async (of: number) =>
    (await hub.database.query<{ reason: string }>('SELECT reason FROM dead_letters WHERE partition = $1', [of])).map(
      ({ reason }) => reason,
    );

  it('comes to the same as the pure one, for any order, repetition and cutting into batches', async () => {
    const given = fc.uniqueArray(
      fc.record({
        session: fc.integer({ min: 1, max: 3 }),
        sequence: fc.integer({ min: 0, max: 4 }),
        snapshot: fc.boolean(),
        applications: fc.uniqueArray(fc.constantFrom(...applications)),
      }),
      { selector: ({ session, sequence }) => `${session}.${sequence}`, minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(given, fc.infiniteStream(fc.nat(20)), async (list, picks) => {
        const { id, key } = await joined();
        partition += 1;
        const reports = list.map(({ applications: told, ...rest }, index): Report => ({
          format: 1,
          kind: 'report',
          cluster: id,
          sentAt: '2026-01-01T00:00:00.000Z',
          targets: told.map((application) => targetOf(application, index + 1)),
          ...rest,
        }));
        const rest = [...reports, ...reports];
        let offset = 0;
        while (rest.length > 0) {
          const batch: LogRecord[] = [];
          for (let size = 1 + ((picks.next().value ?? 0) % 3); size > 0 && rest.length > 0; size -= 1) {
            const [report] = rest.splice((picks.next().value ?? 0) % rest.length, 1);
            batch.push(recordOf(signValue('flotilla.dev/report/v1', report, key), id, offset));
            offset += 1;
          }
          await deliver(batch);
          // Redelivered, as after a rebalance or a crash.
          if ((picks.next().value ?? 0) % 3 === 0) await deliver(batch);
        }
        const stored = await hub.database.query<{ told: string }>(
          `SELECT st.application_id || ' ' || st.session || '.' || st.sequence || ' ' || st.generation AS told
             FROM target_status st LEFT JOIN cluster_reports r ON r.cluster_id = st.cluster_id
            WHERE st.cluster_id = $1
              AND (st.session, st.sequence) >= (coalesce(r.snapshot_session, 0), coalesce(r.snapshot_sequence, 0))`,
          [id],
        );
        const expected = presentTargets(reports.reduce(fold, nothingTold)).map(
          ({ session, sequence, report }) => `${report.application} ${session}.${sequence} ${report.generation}`,
        );
        expect(stored.map(({ told }) => told).sort()).toEqual(expected.sort());
        expect(await letters(partition)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('sets aside what it cannot believe, with a reason, and goes on', async () => {
    const { id, key } = await joined();
    const stranger = await joined();
    partition += 1;
    const report: Report = {
      format: 1,
      kind: 'report',
      cluster: id,
      session: 1,
      sequence: 0,
      sentAt: '2026-01-01T00:00:00.000Z',
      snapshot: true,
      targets: [targetOf(applications[0]!, 1)],
    };
    const sign = (value: unknown, by: KeyObject) => signValue('flotilla.dev/report/v1', value, by);
    await deliver([
      { ...recordOf('', id, 0), value: Buffer.from([0xff, 0x00]) },
      recordOf({ hello: 'world' }, id, 1),
      recordOf(sign(report, stranger.key), id, 2),
      recordOf(sign(report, stranger.key), stranger.id, 3),
      recordOf({ ...sign(report, key), signature: 'AAAA' }, id, 4),
      recordOf(sign({ ...report, targets: 'many' }, key), id, 5),
      recordOf(sign(report, key), randomUUID(), 6),
      recordOf(sign(report, key), id, 7),
    ]);
    const reasons = await letters(partition);
    expect(reasons).toHaveLength(7);
    expect(reasons.join('\n')).toMatch(
      /not a signed envelope[\s\S]*not by that of the cluster[\s\S]*another cluster[\s\S]*does not fit[\s\S]*malformed[\s\S]*does not know/,
    );
    expect(await hub.database.query('SELECT generation FROM target_status WHERE cluster_id = $1', [id])).toEqual([
      { generation: 1 },
    ]);
    expect(await hub.database.query('SELECT 1 FROM target_status WHERE cluster_id = $1', [stranger.id])).toEqual([]);
  });

  it('lets a zombie change nothing: what another member has folded since is not folded again', async () => {
    const { id, key } = await joined();
    partition += 1;
    const report = (sequence: number): LogRecord =>
      recordOf(
        signValue(
          'flotilla.dev/report/v1',
          {
            format: 1,
            kind: 'report',
            cluster: id,
            session: 1,
            sequence,
            sentAt: '2026-01-01T00:00:00.000Z',
            snapshot: false,
            targets: [targetOf(applications[0]!, sequence + 1)],
          },
          key,
        ),
        id,
        sequence,
      );
    await deliver([report(0), report(1), report(2)]);
    await hub.database.execute('DELETE FROM target_status WHERE cluster_id = $1', [id]);
    await deliver([report(0), report(1)]);
    expect(await hub.database.query('SELECT 1 FROM target_status WHERE cluster_id = $1', [id])).toEqual([]);
    const [row] = await hub.database.query('SELECT next_offset FROM log_offsets WHERE partition = $1', [partition]);
    expect(row).toEqual({ next_offset: 3 });
  });
});
