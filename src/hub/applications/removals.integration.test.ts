import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DeletionsNode } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { SimulatedFleet } from './testing/simulated-fleet';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const key = (name: string) => `/ConfigMap/default/${name}`;

describe('what leaves clusters', () => {
  let hub: TestHub;
  let fleet: SimulatedFleet;
  let repository: TestRepository;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-removals-'));
    repository = await makeRepository(folder);
    await repository.commit({ 'app/a.yaml': configMap('a'), 'app/b.yaml': configMap('b') });
    hub = await startTestHub();
    fleet = new SimulatedFleet(hub);
    for (const name of ['c1', 'c2', 'c3']) await fleet.add(name);
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'fleet' }, spec: { url: folder } })
      .expect(201);
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const deploy = (name: string, clusters: string[]) =>
    hub.request.put(`/api/v1/applications/${name}`).send({
      metadata: { name },
      spec: { source: 'fleet', path: 'app', namespace: name, placement: { clusters } },
    });
  const ofNamespace = (namespace: string, ...names: string[]) => names.map((name) => `/ConfigMap/${namespace}/${name}`);
  const get = async (address: string) => (await hub.request.get(`/api/v1/applications/${address}`).expect(200)).body;
  const settled = async (name: string, clusters: string[]) => {
    await eventually(async () => expect((await get(name)).status).toMatchObject({ evaluated: true, state: 'ready' }));
    for (const cluster of clusters) await fleet.tell(name, cluster);
  };
  /** What the root of a cluster says may be deleted of an application. */
  const approved = async (application: string, cluster: string): Promise<string[] | undefined> => {
    const scope = await hub.database.one<{ digest: string }>(
      `SELECT scopes->>'cluster' AS digest FROM roots WHERE cluster_id = $1`,
      [fleet.idOf(cluster)],
    );
    const nodes = hub.app.get(Nodes, { strict: false });
    const load = async <T>(digest: string) => (await nodes.load([digest as never])).get(digest as never)?.node as T;
    const { applications } = await load<{ applications: Record<string, { name: string; approvedDeletions?: string }> }>(
      scope?.digest ?? '',
    );
    const entry = Object.values(applications).find(({ name }) => name === application);
    return entry?.approvedDeletions === undefined
      ? undefined
      : (await load<DeletionsNode>(entry.approvedDeletions)).objects;
  };
  const actions = async (name: string) =>
    (await hub.request.get(`/api/v1/audit?resourceName=${name}`)).body.items.map(
      (item: { action: string }) => item.action,
    );

  it('keeps what runs where the placement is lost, until someone names the clusters', async () => {
    await deploy('placed', ['c1', 'c2', 'c3']).expect(201);
    await settled('placed', ['c1', 'c2', 'c3']);
    await deploy('placed', ['c1']).expect(200);
    await eventually(async () => expect((await get('placed')).status.pendingRemovals).toBe(2));
    const { items } = await get('placed/removals');
    expect(items.map(({ cluster, removal, state }: Record<string, unknown>) => [cluster, removal, state])).toEqual([
      ['c2', 'pending', 'inSync'],
      ['c3', 'pending', 'inSync'],
    ]);
    expect(items[0]).toMatchObject({
      placed: false,
      reason: expect.stringContaining('not among'),
      blockers: [{ kind: 'pendingRemoval' }],
    });
    expect(await get('placed/diff?cluster=c2')).toMatchObject({
      groups: [{ objects: [{ change: 'removed' }, { change: 'removed' }] }],
    });
    expect((await fleet.carried('placed', 'c2')).bundle).not.toBeNull();

    const confirm = (clusters: string[], workloads: string) =>
      hub.request.post('/api/v1/applications/placed/removals/confirm').send({ clusters, workloads });
    const wrong = await confirm(['c2', 'c1', 'c9'], 'remove');
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors.map(({ field }: { field: string }) => field)).toEqual(['clusters[1]', 'clusters[2]']);
    expect((await get('placed')).status.pendingRemovals).toBe(2);
    await confirm([], 'remove').expect(400);
    await (
      await hub.as({ role: 'viewer' })
    )
      .post('/api/v1/applications/placed/removals/confirm')
      .send({ clusters: ['c2'], workloads: 'leave' })
      .expect(403);

    await confirm(['c2'], 'remove').expect(200);
    await confirm(['c3'], 'leave').expect(200);
    await eventually(async () => {
      expect(await fleet.carried('placed', 'c2')).toMatchObject({ bundle: null, removal: 'delete' });
      expect(await fleet.carried('placed', 'c3')).toMatchObject({ bundle: null, removal: 'orphan' });
    });
    expect(await approved('placed', 'c2')).toEqual(ofNamespace('placed', 'a', 'b'));
    expect(await approved('placed', 'c3')).toBeUndefined();
    await fleet.tell('placed', 'c2', { phase: 'removing' });
    expect(await get('placed/targets/c2')).toMatchObject({
      state: 'progressing',
      removal: 'delete',
      removalConfirmedBy: expect.stringContaining('admin'),
    });
    await fleet.tell('placed', 'c2');
    await fleet.tell('placed', 'c3');
    expect((await get('placed/targets')).items.map(({ cluster }: { cluster: string }) => cluster)).toEqual(['c1']);
    expect((await actions('placed')).slice(0, 2)).toEqual([
      'application.confirm-removal',
      'application.confirm-removal',
    ]);
  });

  it('forgets a pending removal where the application is placed again', async () => {
    await deploy('back', ['c1', 'c2']).expect(201);
    await settled('back', ['c1', 'c2']);
    await deploy('back', ['c1']).expect(200);
    await eventually(async () => expect((await get('back')).status.pendingRemovals).toBe(1));
    await deploy('back', ['c1', 'c2']).expect(200);
    await eventually(async () => expect((await get('back')).status.pendingRemovals).toBe(0));
    expect((await get('back')).status.targets).toMatchObject({ total: 2, inSync: 2 });
  });

  it('waits for approvals of named deletions, and passes on any subset that is approved', async () => {
    await deploy('pruned', ['c1', 'c2', 'c3']).expect(201);
    await settled('pruned', ['c1', 'c2', 'c3']);
    const waiting = ofNamespace('pruned', 'x', 'y');
    await fleet.tell('pruned', 'c1', { pendingDeletions: waiting });
    await fleet.tell('pruned', 'c2', { pendingDeletions: waiting });
    await fleet.tell('pruned', 'c3', { pendingDeletions: [key('z')] });
    const { items } = await get('pruned/deletions');
    expect(items).toHaveLength(2);
    expect(items).toEqual(
      expect.arrayContaining([
        { objects: waiting, clusters: ['c1', 'c2'] },
        { objects: [key('z')], clusters: ['c3'] },
      ]),
    );
    expect((await get('pruned')).status.pendingDeletions).toBe(3);
    expect(await get('pruned/targets/c1')).toMatchObject({
      state: 'inSync',
      message: 'the deletion of 2 objects waits for an approval',
    });

    const approve = (clusters: string[], objects: string[]) =>
      hub.request.post('/api/v1/applications/pruned/deletions/approve').send({ clusters, objects });
    const wrong = await approve(['c1', 'c3'], [...waiting, key('never')]);
    expect(wrong.body.errors.map(({ field }: { field: string }) => field)).toEqual(['clusters[1]', 'objects[2]']);
    expect(await approved('pruned', 'c1')).toBeUndefined();

    const first = await approve(['c1'], [waiting[0] ?? '']);
    expect(first.body).toEqual({ application: 'pruned', clusters: [{ cluster: 'c1', objects: 1 }] });
    await eventually(async () => expect(await approved('pruned', 'c1')).toEqual([waiting[0]]));
    expect(await approved('pruned', 'c2')).toBeUndefined();
    // What was approved before stays approved.
    await approve(['c1', 'c2'], [waiting[1] ?? '']).expect(200);
    await eventually(async () => expect(await approved('pruned', 'c1')).toEqual(waiting));
    expect(await approved('pruned', 'c2')).toEqual([waiting[1]]);
    expect((await actions('pruned'))[0]).toBe('application.approve-deletions');

    // The evidence for the bundle still counts, and the approval goes with the next delivery.
    expect((await get('pruned/targets/c1')).state).toBe('inSync');
    await repository.commit({ 'app/c.yaml': configMap('c') });
    await hub.request.post('/api/v1/applications/pruned/sync').expect(202);
    await eventually(async () => expect(await approved('pruned', 'c1')).toBeUndefined());
    expect((await get('pruned/deletions')).items).toEqual([]);
    const late = await approve(['c1'], waiting);
    expect(late.status).toBe(400);
  });

  it('deletes an application once the last agent has said so, also what only waited there', async () => {
    await deploy('doomed', ['c1', 'c2']).expect(201);
    await settled('doomed', ['c1', 'c2']);
    await fleet.tell('doomed', 'c2', { pendingDeletions: [key('left-over')] });
    const answer = await hub.request.delete('/api/v1/applications/doomed?workloads=remove');
    expect(answer.body).toEqual({ name: 'doomed', workloads: 'remove', state: 'deleting', targets: 2 });
    expect((await get('doomed')).status.state).toBe('deleting');
    await deploy('doomed', ['c1']).expect(409);
    await eventually(async () => {
      expect(await approved('doomed', 'c1')).toEqual(ofNamespace('doomed', 'a', 'b', 'c'));
      expect(await approved('doomed', 'c2')).toEqual([key('left-over'), ...ofNamespace('doomed', 'a', 'b', 'c')]);
    });
    await fleet.tell('doomed', 'c1');
    expect((await get('doomed')).status.targets.total).toBe(1);
    await fleet.tell('doomed', 'c2');
    await hub.request.get('/api/v1/applications/doomed').expect(404);
    expect((await actions('doomed'))[0]).toBe('application.delete');
  });

  it('lets go of the workloads when a deletion is repeated with leave', async () => {
    await deploy('spared', ['c1']).expect(201);
    await settled('spared', ['c1']);
    await hub.request.delete('/api/v1/applications/spared?workloads=remove').expect(200);
    await fleet.carried('spared', 'c1');
    await hub.request.delete('/api/v1/applications/spared').expect(200);
    await eventually(async () => expect(await fleet.carried('spared', 'c1')).toMatchObject({ removal: 'orphan' }));
    expect(await approved('spared', 'c1')).toBeUndefined();
    await fleet.tell('spared', 'c1');
    await hub.request.get('/api/v1/applications/spared').expect(404);
  });

  it('does not wait for agents that will never answer', async () => {
    await fleet.add('never', { joined: false });
    await fleet.add('revoked');
    await fleet.add('leaving');
    await deploy('stranded', ['never', 'revoked', 'leaving']).expect(201);
    await settled('stranded', ['revoked', 'leaving']);
    await fleet.carried('stranded', 'never');
    await hub.request.post('/api/v1/clusters/revoked/revoke').expect(200);
    const answer = await hub.request.delete('/api/v1/applications/stranded?workloads=remove');
    expect(answer.body).toMatchObject({ state: 'deleting', targets: 1 });
    await hub.request.delete('/api/v1/clusters/leaving?workloads=leave').expect(200);
    await eventually(async () => {
      await hub.request.get('/api/v1/applications/stranded').expect(404);
    });
  });

  it('deletes at once an application that runs nowhere', async () => {
    await deploy('nowhere', ['no-such-cluster']).expect(201);
    expect((await hub.request.delete('/api/v1/applications/nowhere')).body).toMatchObject({
      state: 'deleted',
      targets: 0,
    });
    await hub.request.delete('/api/v1/applications/nowhere').expect(404);
  });
});
