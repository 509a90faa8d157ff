import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SimulatedFleet } from '#src/hub/applications/testing/simulated-fleet';
import { makeRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { Partitions } from './partitions';

describe('the history of a target', () => {
  let folder: string;
  let hub: TestHub;
  let fleet: SimulatedFleet;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-history-'));
    const repository = await makeRepository(folder);
    await repository.commit({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' });
    hub = await startTestHub();
    fleet = new SimulatedFleet(hub);
    await fleet.add('one');
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'git' }, spec: { url: folder } })
      .expect(201);
    await hub.request
      .post('/api/v1/applications')
      .send({ metadata: { name: 'shop' }, spec: { source: 'git', placement: { all: true } } })
      .expect(201);
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const history = async (query = '') =>
    (await hub.request.get(`/api/v1/applications/shop/targets/one/history${query}`).expect(200)).body;
  const partitions = async () =>
    (
      await hub.database.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'target_history'::regclass ORDER BY 1`,
      )
    ).map(({ name }) => name);

  it('says what was told where it changed, and nothing twice', async () => {
    await fleet.tell('shop', 'one', { phase: 'applying', health: { status: 'progressing', message: '1 of 3 ready' } });
    await fleet.tell('shop', 'one', { phase: 'applying', health: { status: 'progressing', message: '2 of 3 ready' } });
    await fleet.tell('shop', 'one');
    await fleet.tell('shop', 'one');
    await fleet.tell('shop', 'one', { drifted: 2 });
    await fleet.tell('shop', 'one', { drifted: 1 });
    const { items } = await history();
    expect(items).toMatchObject([
      { release: 1, phase: 'applied', health: 'healthy', drifted: 2 },
      { release: 1, phase: 'applied', health: 'healthy', drifted: 0 },
      { release: 1, phase: 'applying', health: 'progressing', message: '1 of 3 ready' },
    ]);
    const first = await history('?limit=2');
    const second = await history(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(items);
  });

  it('is shown to who may see the target', async () => {
    const other = await hub.as({ role: 'viewer', scope: { regions: ['us'] } });
    await other.get('/api/v1/applications/shop/targets/one/history').expect(404);
    await hub.request.get('/api/v1/applications/shop/targets/none/history').expect(404);
  });

  it('has its days made ahead, and drops them whole', async () => {
    const days = hub.app.get(Partitions, { strict: false });
    const before = await partitions();
    expect(before.filter((name) => /_\d{8}$/.test(name))).toHaveLength(8);
    await days.make();
    expect(await partitions()).toEqual(before);
    await hub.database.execute(
      `CREATE TABLE target_history_20200101 PARTITION OF target_history FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00')`,
    );
    const told = `SELECT gen_random_uuid(), gen_random_uuid(), 1, 1, 'applied', 'healthy', '', 0, now()`;
    for (const day of ['2020-01-01', '2020-01-05']) {
      await hub.database.execute(
        `INSERT INTO target_history (at, application_id, cluster_id, epoch, generation, phase, health, health_message, drifted, observed_at)
         SELECT '${day} 12:00+00', told.* FROM (${told}) AS told`,
      );
    }
    expect(await days.drop(86_400)).toBe(2);
    expect(await partitions()).toEqual(before);
    expect((await history()).items).toHaveLength(3);
  });
});
