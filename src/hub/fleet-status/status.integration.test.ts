import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SimulatedFleet } from '#src/hub/applications/testing/simulated-fleet';
import { eventually } from '#test/harness/eventually';
import { makeRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';

describe('the status of the fleet', () => {
  let hub: TestHub;
  let fleet: SimulatedFleet;
  let folder: string;
  const states: Record<string, Parameters<SimulatedFleet['tell']>[2]> = {
    'in-sync': {},
    drifted: { drifted: 2 },
    failed: { phase: 'failed' },
    degraded: { health: { status: 'degraded', message: 'Deployment web/api: 0 of 3 ready' }, drifted: 1 },
    applying: { phase: 'applying', objects: { total: 5, applied: 3, failed: 0 } },
    starting: { health: { status: 'progressing', message: '1 of 3 ready' } },
    lost: {},
  };
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-status-'));
    const repository = await makeRepository(folder);
    await repository.commit({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' });
    hub = await startTestHub();
    fleet = new SimulatedFleet(hub);
    for (const name of [...Object.keys(states), 'silent'])
      await fleet.add(name, { region: name === 'drifted' ? 'us' : 'eu' });
    await fleet.add('pending', { joined: false });
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'fleet' }, spec: { url: folder } })
      .expect(201);
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'broken' }, spec: { url: `${folder}-none` } })
      .expect(201);
    await hub.request
      .post('/api/v1/applications')
      .send({ metadata: { name: 'shop' }, spec: { source: 'fleet', placement: { all: true } } })
      .expect(201);
    await hub.request
      .post('/api/v1/applications')
      .send({ metadata: { name: 'waiting' }, spec: { source: 'broken', placement: { all: true } } })
      .expect(201);
    for (const [name, told] of Object.entries(states)) await fleet.tell('shop', name, told);
    await fleet.hear('lost', 600);
    await eventually(async () => {
      expect((await hub.request.get('/api/v1/sources/broken')).body.status.state).toBe('failing');
    });
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const status = async () => (await hub.request.get('/api/v1/status').expect(200)).body;

  it('counts every cluster and every target once', async () => {
    const { asOf, ...counts } = await status();
    expect(Date.parse(asOf)).not.toBeNaN();
    expect(counts).toEqual({
      clusters: { total: 9, online: 7, pending: 1, unknown: 1 },
      targets: { total: 9, unknown: 2, failed: 2, drifted: 1, progressing: 3, inSync: 1 },
      sources: { total: 2, failing: 1 },
      applications: { total: 2, deleting: 0, failing: 0, pending: 1, ready: 1 },
      holds: [],
    });
  });

  it('says the same of each target, in lists, filters and messages', async () => {
    const { items } = (await hub.request.get('/api/v1/status/targets')).body;
    const said = Object.fromEntries(
      items.map(({ cluster, state, message }: Record<string, string>) => [cluster, [state, message]]),
    );
    expect(said).toEqual({
      'in-sync': ['inSync', undefined],
      drifted: ['drifted', '2 objects drifted'],
      failed: ['failed', 'failed without a reason'],
      degraded: ['failed', 'Deployment web/api: 0 of 3 ready'],
      applying: ['progressing', '3 of 5 objects applied'],
      starting: ['progressing', '1 of 3 ready'],
      silent: ['progressing', 'its agent has not told of what is assigned yet'],
      lost: ['unknown', expect.stringContaining('last heard')],
      pending: ['unknown', 'its agent was never heard'],
    });
    for (const state of ['unknown', 'failed', 'drifted', 'progressing', 'inSync']) {
      const filtered = (await hub.request.get(`/api/v1/status/targets?state=${state}`)).body.items;
      expect(filtered).toEqual(items.filter((item: { state: string }) => item.state === state));
    }
    expect((await hub.request.get('/api/v1/status/targets?cluster=silent&application=shop')).body.items).toHaveLength(
      1,
    );
    expect((await hub.request.get('/api/v1/status/targets?application=none')).body.items).toEqual([]);
  });

  it('is read in pages that together hold every target once', async () => {
    const clusters: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await hub.request.get(`/api/v1/status/targets?limit=2${cursor}`).expect(200);
      clusters.push(...body.items.map((item: { cluster: string }) => item.cluster));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(clusters).toEqual([...Object.keys(states), 'silent', 'pending'].sort());
  });

  it('is of what the token sees', async () => {
    const american = await hub.as({ role: 'viewer', scope: { regions: ['us'] } });
    const { body } = await american.get('/api/v1/status').expect(200);
    expect(body.clusters.total).toBe(1);
    expect(body.targets).toEqual({ total: 1, unknown: 0, failed: 0, drifted: 1, progressing: 0, inSync: 0 });
    expect((await american.get('/api/v1/status/targets')).body.items).toHaveLength(1);
    const other = await hub.as({ role: 'viewer', scope: { applications: ['waiting'] } });
    expect((await other.get('/api/v1/status')).body).toMatchObject({
      targets: { total: 0 },
      applications: { total: 1 },
    });
  });

  it('is as it was last seen while the hub is behind the message log, and says since when', async () => {
    const shift = (by: number) =>
      hub.database.execute(
        `UPDATE log_offsets SET next_offset = next_offset + $1
          WHERE ctid = (SELECT ctid FROM log_offsets WHERE topic = 'flotilla.reports' ORDER BY partition LIMIT 1)`,
        [by],
      );
    await shift(-1);
    await fleet.hear('in-sync', 320);
    await hub.database.execute(`UPDATE log_sight SET sight_at = now() - interval '5 minutes'`);
    const blind = await status();
    expect(Date.parse(blind.asOf) - Date.parse(blind.blindSince)).toBeGreaterThanOrEqual(300_000);
    expect(blind.clusters.online).toBe(7);
    expect((await hub.request.get('/api/v1/clusters/in-sync')).body.status.connection).toBe('online');
    await shift(1);
    await eventually(async () => expect((await status()).blindSince).toBeUndefined());
    expect((await status()).clusters.online).toBe(6);
    expect((await hub.request.get('/api/v1/clusters/in-sync')).body.status.connection).toBe('unknown');
    await fleet.hear('in-sync');
  });

  it('keeps aside what nobody signed, for operators to see', async () => {
    await hub.database.execute(
      `INSERT INTO dead_letters (topic, partition, "offset", key, value, reason)
       SELECT 'flotilla.reports', 1000, n, 'someone', $1, 'is not a signed envelope' FROM generate_series(1, 3) AS n`,
      [Buffer.from('x'.repeat(3_000))],
    );
    const operator = await hub.as({ role: 'operator' });
    const first = await operator.get('/api/v1/dead-letters?limit=2').expect(200);
    expect(first.body.items[0]).toMatchObject({
      offset: 3,
      key: 'someone',
      sizeBytes: 3_000,
      value: 'x'.repeat(2_000),
    });
    const second = await operator.get(`/api/v1/dead-letters?limit=2&cursor=${first.body.nextCursor}`).expect(200);
    expect(second.body.items.map(({ offset }: { offset: number }) => offset)).toEqual([1]);
    await (await hub.as({ role: 'viewer' })).get('/api/v1/dead-letters').expect(403);
  });
});
