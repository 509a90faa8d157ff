import { configMap, managedObjects, Ring } from '#test/safety/parts/ring';
import { NodeSweep } from './node-sweep';
import { ReleaseSweep } from './release-sweep';
import { missingNodes } from './testing/missing-nodes';
import { retentionSettings } from './settings';

const rounds = 12;
/** The same few contents come again and again: what is about to be swept is what is stored next. */
const contents = ['red', 'green', 'blue'];

jest.setTimeout(240_000);

it('takes nothing that is referenced, however fast it sweeps while everything changes', async () => {
  const ring = await Ring.start();
  const { signal } = new AbortController();
  const never = { ...retentionSettings(ring.hub.config.retention), releasesKept: 1, releaseSeconds: 0 };
  let isOver = false;
  const swept = { nodes: 0, releases: 0, rounds: 0 };
  const missing: string[] = [];
  const sweepOn = async (hub: typeof ring.hub): Promise<void> => {
    const releases = hub.app.get(ReleaseSweep, { strict: false });
    const nodes = hub.app.get(NodeSweep, { strict: false });
    while (!isOver) {
      swept.releases += await releases.sweep(never, signal);
      swept.nodes += await nodes.sweep(0, signal);
      swept.rounds += 1;
      missing.push(...(await missingNodes(hub.database)));
    }
  };
  try {
    for (const name of ['eu-1', 'eu-2', 'us-1', 'us-2']) await ring.addCluster(name, { labels: { on: 'yes' } });
    await ring.declareSource();
    const own = (content: string) => configMap('own', { content, cluster: '${cluster.name}' });
    await ring.push({ 'own/a.yaml': own('red'), 'all/a.yaml': configMap('all', { content: 'red' }) });
    await ring.declare('own', { placement: { matchLabels: { on: 'yes' } } });
    await ring.declare('all');
    await ring.inSync();

    const other = await ring.addHub();
    const sweepers = [sweepOn(ring.hub), sweepOn(other)];
    let last = '';
    for (let round = 0; round < rounds; round += 1) {
      const content = contents[round % contents.length]!;
      const labels = { on: round % 3 === 2 ? 'no' : 'yes' };
      const [commit] = await Promise.all([
        ring.push({ 'own/a.yaml': own(content), 'all/a.yaml': configMap('all', { content }) }),
        ring.label('us-1', labels, other),
        ring.label('eu-1', { ...labels, round: `${round}` }),
      ]);
      await ring.quiet(commit);
      expect(await missingNodes(ring.hub.database)).toEqual([]);
      last = content;
    }
    await Promise.all(['us-1', 'eu-1'].map((name) => ring.label(name, { on: 'yes' })));
    await ring.inSync();
    await ring.agentsCaughtUp();
    isOver = true;
    await Promise.all(sweepers);
    expect(missing).toEqual([]);
    expect(swept.nodes).toBeGreaterThan(rounds);
    expect(swept.releases).toBeGreaterThan(rounds / 2);
    for (const { kubernetes, name } of ring.clusters.values()) {
      const objects = managedObjects(kubernetes);
      expect(objects.get('ConfigMap/all')?.data).toEqual({ content: last });
      expect(objects.get('ConfigMap/own')?.data).toEqual({ content: last, cluster: name });
    }
    expect(ring.errors()).toEqual([]);
    const { count } = (await ring.hub.database.one<{ count: number }>(
      `SELECT count(*)::int AS count FROM nodes WHERE kind = 'object'`,
    ))!;
    expect(count).toBeLessThanOrEqual(contents.length * 5);
  } finally {
    isOver = true;
    await ring.stop();
  }
});
