import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { holdLock } from '#src/hub/database/fragments';
import { SimulatedFleet } from '#src/hub/applications/testing/simulated-fleet';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';

const configMap = (version: number) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: "${version}"}\n`;

describe('halts', () => {
  let hub: TestHub;
  let fleet: SimulatedFleet;
  let repository: TestRepository;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-holds-'));
    repository = await makeRepository(folder);
    await repository.commit({ 'a.yaml': configMap(1) });
    hub = await startTestHub();
    fleet = new SimulatedFleet(hub);
    await fleet.add('eu-1', { region: 'eu' });
    await fleet.add('us-1', { region: 'us' });
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'fleet' }, spec: { url: folder } })
      .expect(201);
    await hub.request
      .post('/api/v1/applications')
      .send({ metadata: { name: 'shop' }, spec: { source: 'fleet', placement: { all: true } } })
      .expect(201);
    for (const cluster of ['eu-1', 'us-1']) await fleet.tell('shop', cluster);
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const halt = (body: object) => hub.request.post('/api/v1/holds').send(body);
  const resume = (body: object) => hub.request.post('/api/v1/holds/release').send(body);
  const version = async () => (await hub.database.one<{ v: number }>('SELECT hold_version AS v FROM hub'))?.v ?? 0;
  const target = async (cluster: string) =>
    (await hub.request.get(`/api/v1/applications/shop/targets/${cluster}`)).body;
  const release = async () => (await hub.request.get('/api/v1/applications/shop')).body.status.release.number;

  it.each([
    [{ scope: 'fleet' }, 'eu-1', 'the halt of the fleet'],
    [{ scope: 'region', name: 'eu' }, 'eu-1', 'the halt of region eu'],
    [{ scope: 'cluster', name: 'eu-1' }, 'eu-1', 'the halt of cluster eu-1'],
    [{ scope: 'application', name: 'shop' }, 'eu-1', 'the halt of application shop'],
  ])('of %j keep what is in their scope as it is until they are released', async (scope, cluster, said) => {
    const before = await version();
    const made = await halt({ ...scope, reason: 'smoke' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...scope, reason: 'smoke', createdBy: expect.stringContaining('admin') });
    expect(await version()).toBe(before + 1);
    const number = await release();
    await repository.commit({ 'a.yaml': configMap(number + 1) });
    await hub.request.post('/api/v1/applications/shop/sync').expect(202);
    await eventually(async () => expect(await release()).toBe(number + 1));
    await eventually(async () =>
      expect((await target(cluster)).blockers).toEqual([{ kind: 'held', message: expect.stringContaining(said) }]),
    );
    expect((await target(cluster)).assigned.release).toBe(number);

    const again = await halt({ ...scope, reason: 'another reason' });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(made.body);
    expect(await version()).toBe(before + 1);
    expect((await hub.request.get('/api/v1/holds')).body.items).toEqual([made.body]);
    expect((await hub.request.get('/api/v1/status')).body.holds).toEqual([made.body]);

    const released = await resume(scope);
    expect(released.body).toMatchObject({ id: made.body.id, releasedBy: expect.stringContaining('admin') });
    expect(await version()).toBe(before + 2);
    await eventually(async () => expect((await target(cluster)).assigned.release).toBe(number + 1));
    await resume(scope).expect(404);
    expect((await hub.request.get('/api/v1/holds?released=true&limit=1')).body.items[0].id).toBe(made.body.id);
    const events = (await hub.request.get('/api/v1/audit?resourceKind=Hold&limit=2')).body.items;
    expect(events.map(({ action }: { action: string }) => action)).toEqual(['hold.release', 'hold.halt']);
  });

  it('tell of the application as a whole when it or the fleet is held', async () => {
    const heldBy = async () => (await hub.request.get('/api/v1/applications/shop')).body.status.heldBy;
    await halt({ scope: 'region', name: 'eu', reason: 'x' }).expect(201);
    expect(await heldBy()).toBeUndefined();
    await halt({ scope: 'application', name: 'shop', reason: 'bad release' }).expect(201);
    expect(await heldBy()).toBe('the halt of application shop (bad release)');
    await resume({ scope: 'region', name: 'eu' }).expect(200);
    await resume({ scope: 'application', name: 'shop' }).expect(200);
  });

  it('are answered only once no authorisation that has not seen them can commit', async () => {
    let answered = false;
    await hub.database.transaction(async () => {
      await hub.database.query('SELECT pg_advisory_xact_lock_shared($1)', [holdLock]);
      const waiting = halt({ scope: 'fleet', reason: 'race' }).then(() => (answered = true));
      void waiting;
      await eventually(async () => {
        const row = await hub.database.one<{ waits: number }>(
          `SELECT count(*)::int AS waits FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND NOT l.granted`,
        );
        expect(row?.waits).toBe(1);
      });
      expect(answered).toBe(false);
    });
    await eventually(async () => expect(answered).toBe(true));
    await resume({ scope: 'fleet' }).expect(200);
  });

  it.each([
    [{ scope: 'region', name: 'mars', reason: 'x' }, 'name', 'nothing is halted'],
    [{ scope: 'cluster', reason: 'x' }, 'name', 'name the region'],
    [{ scope: 'fleet', name: 'eu', reason: 'x' }, 'name', 'the fleet has no name'],
    [{ scope: 'fleet', reason: ' ' }, 'reason', ''],
    [{ scope: 'planet', reason: 'x' }, 'scope', ''],
  ])('are refused where %j is wrong', async (body, field, message) => {
    const answer = await halt(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe(field);
    expect(answer.body.errors[0].message).toContain(message);
    expect((await hub.request.get('/api/v1/holds')).body.items).toEqual([]);
  });

  it('are made and released within the scope of the token', async () => {
    const european = await hub.as({ role: 'operator', scope: { regions: ['eu'] } });
    const ofShop = await hub.as({ role: 'operator', scope: { applications: ['shop'] } });
    const viewer = await hub.as({ role: 'viewer' });
    const reason = 'x';
    await viewer.post('/api/v1/holds').send({ scope: 'fleet', reason }).expect(403);
    await european.post('/api/v1/holds').send({ scope: 'fleet', reason }).expect(403);
    await european.post('/api/v1/holds').send({ scope: 'region', name: 'us', reason }).expect(403);
    await european.post('/api/v1/holds').send({ scope: 'cluster', name: 'us-1', reason }).expect(403);
    await european.post('/api/v1/holds').send({ scope: 'cluster', name: 'eu-1', reason }).expect(201);
    await ofShop.post('/api/v1/holds/release').send({ scope: 'cluster', name: 'eu-1' }).expect(403);
    await ofShop.post('/api/v1/holds').send({ scope: 'application', name: 'shop', reason }).expect(201);
    expect((await viewer.get('/api/v1/holds')).body.items).toHaveLength(2);
    await european.post('/api/v1/holds/release').send({ scope: 'cluster', name: 'eu-1' }).expect(200);
    await ofShop.post('/api/v1/holds/release').send({ scope: 'application', name: 'shop' }).expect(200);
  });
});
