import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '#libs/protocol/digest';
import { type Report, reportSchema, type TargetReport } from '#libs/protocol/report';
import { openSigned, type Signed } from '#libs/protocol/signed';
import { publicKeyText } from '#libs/protocol/keys';
import { silentLogger } from '#src/log/logger';
import { HubError } from '../hub/port';
import { DiskSpool } from '../spool/disk-spool';
import { defaultSpoolLimits, memorySpool, type Spool } from '../spool/spool';
import { eventually, TestRuntime } from '../testing/fixtures';
import type { Draft } from './draft';
import { Outbox } from './outbox';

const cluster = '0b0b0b0b-0000-4000-8000-000000000001';
const applications = [1, 2, 3].map((n) => `0a0a0a0a-0000-4000-8000-00000000000${n}`);
const { privateKey } = generateKeyPairSync('ed25519');

describe('the outbox', () => {
  let folder: string;
  let runtime: TestRuntime;
  let stop: AbortController;
  let sent: Report[];
  let isClosed: boolean;
  let running: Promise<void>[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-spool-'));
    runtime = new TestRuntime();
    stop = new AbortController();
    sent = [];
    isClosed = false;
    running = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    rmSync(folder, { recursive: true, force: true });
  });

  async function send(reports: Signed[]): Promise<void> {
    if (isClosed) throw new HubError('unreachable', 'away');
    for (const signed of reports) {
      const opened = openSigned('flotilla.dev/report/v1', signed, publicKeyText(privateKey), reportSchema);
      if (!opened.ok) throw new Error(opened.message);
      sent.push(opened.value);
    }
  }

  async function outbox(spool: Spool = memorySpool, limits = defaultSpoolLimits): Promise<Outbox> {
    const box = new Outbox({ identity: { cluster, privateKey }, spool, runtime, logger: silentLogger, limits });
    await box.load();
    running.push(box.run(stop.signal));
    box.open(send);
    return box;
  }

  function draft(sequence: number, targets: TargetReport[] = [], more: Partial<Draft> = {}): Draft {
    const madeAt = runtime.now().toISOString();
    return {
      session: 1,
      sequence,
      snapshot: sequence === 0,
      targets,
      madeAt,
      madeAtMs: runtime.monotonicMs(),
      ...more,
    };
  }

  it('sends in order, and leaves nothing on disk while the way is open', async () => {
    const box = await outbox(new DiskSpool(folder));
    for (let sequence = 0; sequence < 5; sequence += 1) box.add(draft(sequence));
    await eventually('five', () => sent.length === 5);
    expect(sent.map((report) => report.sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps what cannot be sent over a restart, and sends it first, with the age that it then has', async () => {
    isClosed = true;
    const first = await outbox(new DiskSpool(folder));
    first.add(draft(0, [target(0, 'applying')]));
    first.add(draft(1, [target(0, 'applied')]));
    await eventually('on disk', () => readdirSync(folder).length === 2);
    stop.abort();
    await Promise.all(running);
    stop = new AbortController();
    isClosed = false;
    runtime.offsetMs = 3_600_000;
    const second = await outbox(new DiskSpool(folder));
    second.add(draft(0, [target(0, 'applied')], { session: 2 }));
    await eventually('three', () => sent.length === 3);
    expect(sent.map(({ session, sequence }) => [session, sequence])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
    const ages = sent.map(({ targets }) => targets[0]!.ageMs);
    expect(ages[0]).toBeGreaterThanOrEqual(3_600_000);
    expect(ages[0]).toBeLessThan(3_700_000);
    expect(ages[2]).toBeLessThan(60_000);
    await eventually('empty', () => readdirSync(folder).length === 0);
  });

  it('becomes one when it is full: the newest of each target, and a snapshot if one was in it', async () => {
    isClosed = true;
    const box = await outbox(new DiskSpool(folder), { maxDrafts: 3, maxBytes: 1_000_000 });
    box.add(draft(0, [target(0, 'applying'), target(1, 'applied')]));
    box.add(draft(1, [target(0, 'failed')]));
    box.add(draft(2, [target(2, 'applying')]));
    box.add(draft(3, [target(0, 'applied')]));
    expect(box.waitingCount).toBe(1);
    isClosed = false;
    await eventually('sent', () => box.waitingCount === 0, 8_000);
    const last = sent.at(-1)!;
    expect([last.session, last.sequence, last.snapshot]).toEqual([1, 3, true]);
    expect(new Map(last.targets.map(({ application, phase }) => [application, phase]))).toEqual(
      new Map([
        [applications[0], 'applied'],
        [applications[1], 'applied'],
        [applications[2], 'applying'],
      ]),
    );
  });

  it('is bounded by size as well', async () => {
    isClosed = true;
    const box = await outbox(memorySpool, { maxDrafts: 1_000, maxBytes: 20_000 });
    for (let sequence = 0; sequence < 200; sequence += 1) box.add(draft(sequence, [target(0, 'failed')]));
    expect(box.waitingCount).toBeLessThan(50);
  });

  it('passes over files that are damaged', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '000000000000001-000000000000000.json'), '{"session":');
    const box = await outbox(new DiskSpool(folder));
    expect(box.waitingCount).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('drops what the hub will never take, so that it holds up nothing', async () => {
    const box = new Outbox({ identity: { cluster, privateKey }, spool: memorySpool, runtime, logger: silentLogger });
    running.push(box.run(stop.signal));
    let calls = 0;
    box.open(async (reports) => {
      calls += 1;
      if (calls === 1) throw new HubError('protocol', 'malformed', { status: 400 });
      await send(reports);
    });
    box.add(draft(0));
    await eventually('dropped', () => box.waitingCount === 0);
    box.add(draft(1));
    await eventually('sent', () => sent.length === 1);
  });
});

function target(index: number, phase: TargetReport['phase']): TargetReport {
  return {
    application: applications[index]!,
    scope: 'cluster',
    bundle: 'a'.repeat(64) as Digest,
    epoch: 1,
    generation: 1,
    phase,
    health: { status: 'healthy', message: '' },
    objects: { total: 1, applied: 1, failed: 0 },
    drifted: 0,
    corrected: 0,
    driftNotes: [],
    errors: [],
    pendingDeletions: [],
    observedAt: new Date(0).toISOString(),
    ageMs: 5,
  };
}
