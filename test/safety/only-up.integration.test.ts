import type { SyncAnswer } from '#libs/protocol/sync';
import { eventually } from '#test/harness/eventually';
import { keepHistory, versionsOnlyRise } from './parts/history';
import { proxied } from './parts/proxy';
import { configMap, managedObjects, Ring } from './parts/ring';

/** Safety rule 5: (epoch, generation) of what a cluster holds never falls; a rollback is a higher generation. */
describe('what a cluster holds only rises', () => {
  let ring: Ring;
  let oldest: SyncAnswer | undefined;
  let isOld = false;
  const answerOf = (answer: SyncAnswer): SyncAnswer => {
    if (answer.root !== undefined) oldest ??= answer;
    return isOld && answer.root !== undefined ? { ...oldest!, hold: answer.hold } : answer;
  };

  beforeAll(async () => {
    ring = await Ring.start();
    await keepHistory(ring);
    await ring.addCluster('eu-1', { agent: proxied(answerOf) });
    await ring.declareSource();
    await release('1');
    await ring.declare('shop');
    await ring.inSync();
  });
  afterAll(() => ring?.stop());

  const release = (version: string) => ring.push({ 'shop/all.yaml': configMap('shop', { version }) }, version);
  const running = () =>
    (managedObjects(ring.cluster('eu-1').kubernetes).get('ConfigMap/shop')?.['data'] as { version: string }).version;
  const held = () => ring.cluster('eu-1').agent.state().root!;

  it('by a revert in Git, too', async () => {
    await ring.inSync(await release('2'));
    const before = held();
    expect(running()).toBe('2');
    const reverted = await ring.repository.revert();
    await ring.refresh();
    await ring.inSync(reverted);
    expect(running()).toBe('1');
    expect(held().generation).toBeGreaterThan(before.generation);
    expect(await ring.application('shop')).toMatchObject({ release: { number: 3, commit: reverted } });
    await versionsOnlyRise(ring);
  });

  it('and so an older root is refused, though the hub signed it, also by an agent that starts anew', async () => {
    await ring.inSync(await release('4'));
    await ring.agentsCaughtUp();
    const before = held();
    const { kubernetes } = ring.cluster('eu-1');
    // As a hub that was restored from a backup would answer.
    isOld = true;
    await release('5');
    await refusal();
    expect(held()).toEqual(before);
    expect(running()).toBe('4');
    await ring.cluster('eu-1').restart();
    await refusal();
    expect(running()).toBe('4');
    expect(kubernetes.faults.counters().requests.delete).toBe(0);
    await eventually(async () => {
      const [heartbeat] = await ring.rows('SELECT trouble FROM heartbeats');
      expect(heartbeat!['trouble']).toMatch(/older than/);
    });
    isOld = false;
    await ring.inSync();
    expect(running()).toBe('5');
  });

  it('until a restored hub raises its epoch: then all of its roots are newer', async () => {
    await ring.hub.database.execute('UPDATE hub SET epoch = epoch + 1');
    await ring.restartHub();
    await eventually(async () => {
      const { root, trouble } = await Promise.resolve(ring.cluster('eu-1').agent.state());
      expect(root).toMatchObject({ epoch: 2 });
      expect(trouble).toBeUndefined();
    });
    await ring.inSync();
    expect(running()).toBe('5');
  });

  const refusal = () =>
    eventually(async () => {
      await Promise.resolve();
      expect(ring.cluster('eu-1').agent.state().trouble).toMatch(/a root was refused: .*older than/);
    });
});
