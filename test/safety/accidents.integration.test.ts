import { createHmac } from 'node:crypto';
import { SourceReader } from '#src/hub/sources/source-reader.service';
import { eventually } from '#test/harness/eventually';
import { openAllGates, pauseAfter } from './parts/gate';
import { configMap, managedObjects, nothingGoes, Ring } from './parts/ring';

const secret = 'a secret of the forge';

/** What happened elsewhere, and must not here. Others stand in files of their own. */
describe('an accident of others', () => {
  let ring: Ring;

  beforeAll(async () => {
    ring = await Ring.start({ agents: { unknownAfterSeconds: 3 } });
    for (const name of ['eu-1', 'eu-2', 'us-1']) await ring.addCluster(name, { labels: { tier: 'web' } });
    await ring.declareSource('git', { webhookSecret: secret });
    const commit = await release('1');
    await ring.declare('shop', { placement: { matchLabels: { tier: 'web' } } });
    await ring.inSync(commit);
    await ring.agentsCaughtUp();
  });
  afterEach(openAllGates);
  afterAll(() => ring?.stop());

  const names = Array.from({ length: 12 }, (_, index) => `o${index}`);
  const release = (version: string) =>
    ring.push({ 'shop/all.yaml': names.map((name) => configMap(name, { version })).join('---\n') }, version);
  const there = (cluster: string) => managedObjects(ring.cluster(cluster).kubernetes);
  const versionOn = (cluster: string) => (there(cluster).get('ConfigMap/o0')?.['data'] as { version: string }).version;

  it('(fleet 2126) relabelling waits to be confirmed by name, and removes only what was confirmed', async () => {
    const check = nothingGoes(ring.clusters.values());
    for (const name of ['eu-2', 'us-1']) await ring.label(name, { tier: 'database' });
    await ring.inSync();
    expect(await ring.application('shop')).toMatchObject({ pendingRemovals: 2, targets: { total: 3 } });
    // A pending removal is not brought up to date, either.
    await ring.quiet(await release('2'));
    await eventually(async () => expect(await Promise.resolve(versionOn('eu-1'))).toBe('2'));
    expect([versionOn('eu-2'), versionOn('us-1')]).toEqual(['1', '1']);
    check();
    const confirm = (clusters: string[], workloads: string) =>
      ring.hub.request.post('/api/v1/applications/shop/removals/confirm').send({ clusters, workloads });
    await confirm(['eu-1'], 'remove').expect(400);
    await confirm(['eu-2'], 'remove').expect(200);
    await eventually(async () => expect(await Promise.resolve(there('eu-2').size)).toBe(0));
    expect([there('eu-1').size, there('us-1').size]).toEqual([12, 12]);
    for (const name of ['eu-2', 'us-1']) await ring.label(name, { tier: 'web' });
    await ring.inSync();
    expect([versionOn('eu-1'), versionOn('eu-2'), versionOn('us-1')]).toEqual(['2', '2', '2']);
    expect(await ring.application('shop')).toMatchObject({ pendingRemovals: 0, targets: { total: 3, inSync: 3 } });
  });

  it('(fleet 594, argo-cd 8860) an offline cluster is a count of its own, neither green nor in the way', async () => {
    const { agent } = ring.cluster('us-1');
    await agent.stop();
    await eventually(async () => {
      expect(await ring.get('status')).toMatchObject({
        clusters: { total: 3, online: 2, pending: 0, unknown: 1 },
        targets: { total: 3, unknown: 1, inSync: 2 },
      });
    });
    const commit = await release('3');
    await ring.quiet(commit);
    await eventually(async () =>
      expect(await Promise.resolve([versionOn('eu-1'), versionOn('eu-2')])).toEqual(['3', '3']),
    );
    await eventually(async () => {
      expect((await ring.application('shop')).targets).toMatchObject({ unknown: 1, inSync: 2, failed: 0 });
    });
    const rollouts = await ring.rows(`SELECT state FROM rollouts ORDER BY release DESC LIMIT 1`);
    expect(rollouts).toEqual([{ state: 'running' }]);
  });

  it('(karmada 5150) a cluster that comes back deletes nothing by itself, whatever has happened', async () => {
    // While it was away it was relabelled and labelled back, and a release dropped nearly everything.
    await ring.label('us-1', { tier: 'database' });
    await ring.quiet();
    await ring.label('us-1', { tier: 'web' });
    const commit = await ring.push({ 'shop/all.yaml': configMap('o0', { version: '4' }) });
    await ring.quiet(commit);
    expect(versionOn('us-1')).toBe('2');
    const check = nothingGoes([ring.cluster('us-1')]);
    await ring.cluster('us-1').restart();
    await eventually(async () => expect(await Promise.resolve(versionOn('us-1'))).toBe('4'));
    await ring.agentsCaughtUp();
    check();
    expect(there('us-1').size).toBe(12);
    await eventually(async () => {
      const { items } = await ring.get('applications/shop/deletions');
      expect(items).toEqual([{ objects: expect.any(Array), clusters: ['eu-1', 'eu-2', 'us-1'] }]);
      expect(items[0].objects).toHaveLength(11);
    });
    await ring.inSync(await release('5'));
  });

  it('(argo-cd 25462) a flood of webhooks is a few fetches, and renders only what changed', async () => {
    const reader = ring.hub.app.get(SourceReader, { strict: false });
    let fetches = 0;
    const fetch = reader.fetch.bind(reader);
    const counted: SourceReader['fetch'] = async (source) => {
      fetches += 1;
      return await fetch(source);
    };
    Object.assign(reader, { fetch: counted });
    const [before] = await ring.rows('SELECT count(*)::int AS releases FROM releases');
    const repository = { clone_url: `file://${ring.repository.folder}` };
    const body = JSON.stringify({ ref: 'refs/heads/main', after: 'a'.repeat(40), repository });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const send = () =>
      ring.hub.anonymous
        .post('/webhooks/git')
        .set('content-type', 'application/json')
        .set('x-hub-signature-256', signature)
        .set('x-github-event', 'push')
        .send(body);
    await ring.repository.commit({ 'beside/all.yaml': configMap('beside') });
    const answers = await Promise.all(Array.from({ length: 100 }, send));
    expect(new Set(answers.map(({ status, body: told }) => `${status} ${told.detail ?? ''}`))).toEqual(
      new Set(['202 ']),
    );
    await ring.quiet();
    expect(fetches).toBeGreaterThan(0);
    expect(fetches).toBeLessThan(15);
    expect(await ring.rows('SELECT count(*)::int AS releases FROM releases')).toEqual([before]);
  });

  it('(argo-cd 19816) a repository that does not answer holds up no other', async () => {
    await ring.declareSource('hanging');
    await ring.quiet();
    const reader = ring.hub.app.get(SourceReader, { strict: false });
    const hang = pauseAfter(reader, 'fetch', (source) => (source as { name: string }).name === 'hanging');
    await ring.refresh(ring.hub, 'hanging');
    await hang.reached;
    const commit = await release('6');
    await eventually(async () => expect(await Promise.resolve(versionOn('eu-1'))).toBe('6'));
    hang.open();
    await ring.refresh(ring.hub, 'hanging');
    await ring.inSync(commit);
    expect(ring.errors()).toEqual([]);
  });
});
