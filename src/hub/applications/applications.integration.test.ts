import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { SimulatedFleet } from './testing/simulated-fleet';

const configMap = (name: string, data: object) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${JSON.stringify(data)}\n`;

describe('applications', () => {
  let hub: TestHub;
  let fleet: SimulatedFleet;
  let repository: TestRepository;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-applications-'));
    repository = await makeRepository(folder);
    await repository.commit(
      {
        'shop/config.yaml': configMap('shop', { where: '${cluster.region}', version: '1' }),
        'other/config.yaml': configMap('shop', { owner: 'other' }),
        'secret/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n',
      },
      'Say what runs',
    );
    hub = await startTestHub();
    fleet = new SimulatedFleet(hub);
    await fleet.add('eu-1', { region: 'eu', labels: { tier: 'web' } });
    await fleet.add('eu-2', { region: 'eu', labels: { tier: 'web' } });
    await fleet.add('us-1', { region: 'us', labels: { tier: 'web' } });
    await fleet.add('db-1', { region: 'us', labels: { tier: 'db' } });
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'fleet' }, spec: { url: folder, pollSeconds: 86_400 } })
      .expect(201);
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const document = (name: string, spec: object = {}) => ({
    metadata: { name },
    spec: { source: 'fleet', path: 'shop', placement: { matchLabels: { tier: 'web' } }, ...spec },
  });
  const put = (name: string, spec: object = {}) =>
    hub.request.put(`/api/v1/applications/${name}`).send(document(name, spec));
  const get = async (address: string) => (await hub.request.get(`/api/v1/applications/${address}`).expect(200)).body;
  const push = async (files: Parameters<TestRepository['commit']>[0], message?: string) => {
    await repository.commit(files, message);
    await hub.request.post('/api/v1/sources/fleet/refresh').expect(202);
  };
  const targets = async (name: string) =>
    Object.fromEntries(
      (await get(`${name}/targets`)).items.map((target: { cluster: string; state: string }) => [
        target.cluster,
        target.state,
      ]),
    );

  it('are placed and rendered as soon as they are created; a target is in sync once its agent says so', async () => {
    const made = await hub.request.post('/api/v1/applications').send(document('shop'));
    expect(made.status).toBe(201);
    expect(made.headers['location']).toBe('/api/v1/applications/shop');
    expect(made.body.spec).toMatchObject({ path: 'shop', sync: { prune: true, conflicts: 'fail' } });
    await eventually(async () => {
      const { status } = await get('shop');
      expect(status).toMatchObject({ state: 'ready', evaluated: true, targets: { total: 3, progressing: 3 } });
      expect(status.release).toMatchObject({ number: 1, revision: 'main', subject: 'Say what runs' });
    });
    await fleet.tell('shop', 'eu-1');
    await fleet.tell('shop', 'eu-2', {
      drifted: 1,
      driftNotes: [{ object: '/ConfigMap/default/shop', message: 'data.version is 2' }],
    });
    await fleet.tell('shop', 'us-1', {
      phase: 'failed',
      errors: [{ object: '/ConfigMap/default/shop', message: 'forbidden' }],
    });
    expect(await targets('shop')).toEqual({ 'eu-1': 'inSync', 'eu-2': 'drifted', 'us-1': 'failed' });
    const detail = await get('shop/targets/us-1');
    expect(detail).toMatchObject({
      message: '/ConfigMap/default/shop: forbidden',
      errors: [{ object: '/ConfigMap/default/shop', message: 'forbidden' }],
      wanted: { release: 1 },
      assigned: { release: 1 },
    });
    const failing = await get('shop/targets?state=failed');
    expect(failing.items).toHaveLength(1);
    const inEurope = await get('shop/targets?region=eu&limit=1');
    expect(inEurope.items[0]).toMatchObject({ cluster: 'eu-1', applied: { release: 1 } });
    const next = await get(`shop/targets?region=eu&limit=1&cursor=${inEurope.nextCursor}`);
    expect(next.items[0]).toMatchObject({
      cluster: 'eu-2',
      message: '1 object drifted: /ConfigMap/default/shop: data.version is 2',
    });
    expect((await get('shop')).status.targets).toEqual({
      total: 3,
      unknown: 0,
      failed: 1,
      drifted: 1,
      progressing: 0,
      inSync: 1,
    });
    await hub.request.get('/api/v1/applications/shop/targets/db-1').expect(404);

    const european = await hub.as({ role: 'viewer', scope: { regions: ['eu'] } });
    expect((await european.get('/api/v1/applications/shop')).body.status.targets.total).toBe(2);
    expect((await european.get('/api/v1/applications/shop/targets')).body.items).toHaveLength(2);
    await european.get('/api/v1/applications/shop/targets/us-1').expect(404);
  });

  it('of which a newer release is out do not count what was told of the older one', async () => {
    await push({ 'shop/config.yaml': configMap('shop', { where: '${cluster.region}', version: '2' }) }, 'Two');
    await eventually(async () => expect((await get('shop')).status.release?.number).toBe(2));
    // Told of only once their roots say it.
    await eventually(async () => {
      const carried = 'SELECT 1 FROM assignments WHERE release = 2 AND carried_bundle = bundle';
      expect(await hub.database.query(carried)).toHaveLength(3);
    });
    expect(await targets('shop')).toEqual({ 'eu-1': 'progressing', 'eu-2': 'progressing', 'us-1': 'progressing' });
    for (const cluster of ['eu-1', 'eu-2', 'us-1']) await fleet.tell('shop', cluster);
    expect(await targets('shop')).toEqual({ 'eu-1': 'inSync', 'eu-2': 'inSync', 'us-1': 'inSync' });
    const { items } = await get('shop/releases');
    expect(items.map(({ number, subject, variants }: Record<string, unknown>) => [number, subject, variants])).toEqual([
      [2, 'Two', 2],
      [1, 'Say what runs', 2],
    ]);
    expect(items[1].rollout.state).toBe('superseded');
    await eventually(async () => expect((await get('shop/releases?limit=1')).items[0].rollout.state).toBe('completed'));
  });

  it('say of every cluster why it is a target, or not, and what keeps it back', async () => {
    await hub.request.post('/api/v1/clusters/eu-2/cordon').expect(200);
    await hub.request.post('/api/v1/holds').send({ scope: 'region', name: 'us', reason: 'maintenance' }).expect(201);
    await push({ 'shop/config.yaml': configMap('shop', { where: '${cluster.region}', version: '3' }) });
    await eventually(async () => {
      expect((await get('shop/targets/eu-1')).assigned.release).toBe(3);
    });
    const { items } = await get('shop/explain');
    const of = Object.fromEntries(items.map((item: { cluster: string }) => [item.cluster, item]));
    expect(Object.keys(of)).toEqual(['db-1', 'eu-1', 'eu-2', 'us-1']);
    expect(of['db-1']).toMatchObject({ placed: false, reason: 'label tier is "db", not "web"', blockers: [] });
    expect(of['db-1'].target).toBeUndefined();
    expect(of['eu-1']).toMatchObject({ placed: true, reason: 'matches tier=web', blockers: [] });
    expect(of['eu-2']).toMatchObject({
      blockers: [{ kind: 'cordoned' }],
      target: { wanted: { release: 3 }, assigned: { release: 2 }, applied: { release: 2 }, state: 'progressing' },
    });
    expect(of['us-1'].blockers).toEqual([{ kind: 'held', message: expect.stringContaining('maintenance') }]);

    const diff = await get('shop/diff');
    expect(diff).toMatchObject({ compared: 'assignedWithWanted', unchanged: 1, notCompared: 0 });
    expect(diff.groups).toHaveLength(1);
    expect(diff.groups[0]).toMatchObject({
      clusters: ['eu-2', 'us-1'],
      clusterCount: 2,
      fromReleases: [2],
      toReleases: [3],
      objects: [
        {
          name: 'ConfigMap default/shop',
          change: 'changed',
          fields: [{ path: 'data.version', before: '2', after: '3' }],
        },
      ],
    });
    await hub.request.post('/api/v1/clusters/eu-2/uncordon').expect(200);
    await hub.request.post('/api/v1/holds/release').send({ scope: 'region', name: 'us' }).expect(200);
    for (const cluster of ['eu-1', 'eu-2', 'us-1']) {
      await eventually(async () => expect((await get(`shop/targets/${cluster}`)).assigned.release).toBe(3));
      await fleet.tell('shop', cluster);
    }
    expect(await get('shop/diff?cluster=us-1')).toMatchObject({ groups: [], unchanged: 1 });
    const releases = await get('shop/diff?from=1&to=3');
    expect(releases.groups).toHaveLength(1);
    expect(releases.groups[0]).toMatchObject({
      clusters: ['eu-1', 'eu-2', 'us-1'],
      objects: [{ fields: [{ before: '1', after: '3' }] }],
    });
    await hub.request.get('/api/v1/applications/shop/diff?from=1').expect(400);
    await hub.request.get('/api/v1/applications/shop/diff?from=1&to=99').expect(400);
  });

  it('are unknown where the cluster is silent, and forget what a full snapshot does not tell any more', async () => {
    await fleet.hear('eu-1', 600);
    expect(await get('shop/targets/eu-1')).toMatchObject({
      state: 'unknown',
      message: expect.stringContaining('last heard'),
    });
    await fleet.hear('eu-1');
    expect((await targets('shop'))['eu-1']).toBe('inSync');
    await fleet.tellNothing('eu-1');
    expect(await get('shop/targets/eu-1')).toMatchObject({
      state: 'progressing',
      message: 'its agent has not told of what is assigned yet',
    });
    await fleet.tell('shop', 'eu-1', {}, { snapshot: true });
    expect((await targets('shop'))['eu-1']).toBe('inSync');
  });

  it('that claim an object of another are refused by name', async () => {
    await put('thief', { path: 'other', placement: { clusters: ['eu-1'] } }).expect(201);
    await eventually(async () => {
      expect(await get('thief')).toMatchObject({
        status: { targets: { total: 1, failed: 1 }, refused: expect.stringContaining('belongs to application shop') },
      });
    });
    expect(await get('thief/targets/eu-1')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('shop'),
    });
    await hub.request.delete('/api/v1/applications/thief?workloads=leave').expect(200);
    await fleet.tell('thief', 'eu-1');
    await hub.request.get('/api/v1/applications/thief').expect(404);
  });

  it('are edited by whole documents on the version that was read, and evaluated again', async () => {
    const before = await get('shop');
    const same = await put('shop');
    expect(same.status).toBe(200);
    expect(same.body.metadata.version).toBe(before.metadata.version);
    await hub.request.put('/api/v1/applications/shop').set('if-match', 'W/"99"').send(document('shop')).expect(412);
    const edited = await put('shop', { sync: { drift: 'report' } });
    expect(edited.headers['etag']).toBe(`W/"${before.metadata.version + 1}"`);
    await eventually(async () =>
      expect((await get('shop')).status).toMatchObject({ evaluated: true, release: { number: 4 } }),
    );
    const [event] = (await hub.request.get('/api/v1/audit?resourceName=shop&action=application.update')).body.items;
    expect(event.before.sync.drift).toBe('reapply');
    expect(event.after.sync.drift).toBe('report');
    expect((await get('shop/diff?from=3&to=4')).groups[0]).toMatchObject({
      objects: [],
      policy: [{ path: 'drift', before: 'reapply', after: 'report' }],
    });
    const synced = await hub.request.post('/api/v1/applications/shop/sync');
    expect(synced.status).toBe(202);
    expect((await hub.request.get('/api/v1/audit?resourceName=shop&limit=1')).body.items[0].action).toBe(
      'application.sync',
    );
  });

  it('with Secrets never show what is in them', async () => {
    await put('vault', { path: 'secret', placement: { clusters: ['db-1'] } }).expect(201);
    await eventually(async () => {
      expect((await get('vault')).status).toMatchObject({
        state: 'failing',
        message: expect.stringContaining('allowSecrets'),
      });
    });
    await put('vault', { path: 'secret', placement: { clusters: ['db-1'] }, allowSecrets: true }).expect(200);
    await eventually(async () => expect((await get('vault')).status.release?.number).toBe(1));
    await push({
      'secret/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: swordfish}\n',
    });
    await eventually(async () => expect((await get('vault')).status.release?.number).toBe(2));
    const diff = await get('vault/diff?from=1&to=2');
    const fields = diff.groups[0].objects[0].fields;
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) {
      expect(field.before).toMatch(/^sha256:[0-9a-f]{6}…$/);
      expect(field.after).not.toBe(field.before);
    }
    const shown = JSON.stringify([diff, await get('vault'), await get('vault/targets/db-1')]) + hub.logs.join();
    for (const word of ['hunter2', 'swordfish']) {
      expect(shown).not.toContain(word);
      expect(shown).not.toContain(Buffer.from(word).toString('base64'));
    }
  });
});
