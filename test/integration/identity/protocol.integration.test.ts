import { eventually } from '#test/harness/eventually';
import { configMap, Ring } from '#test/safety/parts/ring';

describe('agents of other versions', () => {
  let ring: Ring;

  beforeAll(async () => {
    ring = await Ring.start();
    await ring.declareSource();
    await ring.push({ 'app/a.yaml': configMap('a') });
    await ring.declare('app');
  }, 60_000);
  afterAll(() => ring?.stop());

  it('are served by the newest version that both speak', async () => {
    await ring.addCluster('newer', { agent: { protocols: [3, 2, 1] } });
    await ring.inSync();
    expect(ring.cluster('newer').agent.state().trouble).toBeUndefined();
  }, 60_000);

  it.each([
    { name: 'too-old', protocols: [0], remedy: /the agent is too old: upgrade it/ },
    { name: 'too-new', protocols: [999], remedy: /the agent is too new: upgrade the hub first/ },
  ])(
    'are told what to upgrade where there is none: $name',
    async ({ name, protocols, remedy }) => {
      const { agent } = await ring.addCluster(name, { agent: { protocols } });
      await eventually(async () => expect(agent.state().trouble).toMatch(remedy));
      expect(agent.state()).toMatchObject({ isConnected: false, root: undefined });
      // It goes on trying: the other side may be upgraded under it.
      await ring.cluster(name).restart({ protocols: [1] });
      await eventually(async () => expect(ring.cluster(name).agent.state().isConnected).toBe(true));
    },
    60_000,
  );
});
