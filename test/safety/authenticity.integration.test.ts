import type { SyncAnswer } from '#libs/protocol/sync';
import { eventually } from '#test/harness/eventually';
import { proxied } from './parts/proxy';
import { configMap, managedObjects, Ring } from './parts/ring';

type Lie = (honest: SyncAnswer) => SyncAnswer;

/** Safety rule 7: an agent applies only what hashes into a root that its hub signed for its cluster. */
describe('a proxy that lies', () => {
  let ring: Ring;
  let lie: Lie = (honest) => honest;
  let heard: SyncAnswer | undefined;

  beforeAll(async () => {
    ring = await Ring.start();
    await ring.declareSource();
    await release('1');
    await ring.declare('shop');
    await ring.addCluster('watched', {
      agent: proxied((answer) => {
        if (answer.root !== undefined) heard = answer;
        return answer;
      }),
    });
    await ring.addCluster('victim', { agent: proxied((answer) => (answer.root === undefined ? answer : lie(answer))) });
    await ring.inSync();
  });
  afterAll(() => ring?.stop());

  const release = (version: string) =>
    ring.push({ 'shop/all.yaml': configMap('shop', { version, cluster: '${cluster.name}' }) }, version);
  const dataOf = (cluster: string) =>
    managedObjects(ring.cluster(cluster).kubernetes).get('ConfigMap/shop')?.['data'] as Record<string, string>;

  async function refused(version: string, told: Lie, message: RegExp): Promise<void> {
    const { agent } = ring.cluster('victim');
    const before = agent.state().root;
    lie = told;
    await release(version);
    await eventually(async () => {
      expect(dataOf('watched')['version']).toBe(version);
      expect(agent.state().trouble).toMatch(message);
      await Promise.resolve();
    });
    expect(agent.state().root).toEqual(before);
    expect(dataOf('victim')).toEqual({ version: `${Number(version) - 1}`, cluster: 'victim' });
    lie = (honest) => honest;
    await ring.inSync();
    expect(dataOf('victim')).toEqual({ version, cluster: 'victim' });
  }

  it('gives the root of another cluster', async () => {
    await refused('2', () => ({ ...heard!, hold: { version: 0, cluster: false, applications: [] } }), /is for cluster/);
  });

  it('changes what a root says', async () => {
    const forge: Lie = (honest) => {
      const payload = honest.root!.payload.replace(
        /"generation":(\d+)/,
        (_, number) => `"generation":${Number(number) + 9}`,
      );
      return { ...honest, root: { ...honest.root!, payload } };
    };
    await refused('3', forge, /signature/);
  });

  it('changes what lies below the root', async () => {
    const forge: Lie = (honest) => ({
      ...honest,
      nodes: JSON.parse(
        JSON.stringify(honest.nodes).replaceAll('"version":"4"', '"version":"666"'),
      ) as SyncAnswer['nodes'],
    });
    await refused('4', forge, /does not hash to its digest/);
  });
});
