import { runCli } from '#src/cli/run';
import { memoryIo } from '#src/cli/testing/memory-io';
import { HubKeys } from '#src/hub/security/hub-keys';
import { eventually } from '#test/harness/eventually';
import type { TestHub } from '#test/harness/hub';
import { configMap, Ring } from '#test/safety/parts/ring';

/** Keys of the hub are replaced and retired by the command line, under agents that go on working. */
describe('rotating the keys of a hub', () => {
  let ring: Ring;
  let other: TestHub;
  let count = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    other = await ring.addHub();
    await ring.declareSource();
    await ring.addCluster('one');
    await ring.addCluster('two');
    await ring.push({ 'app/a.yaml': configMap('a', { value: '0' }) });
    await ring.declare('app');
    await ring.inSync();
  }, 60_000);
  afterAll(() => ring?.stop());

  async function keys(command: string): Promise<string> {
    const { config } = ring.hub;
    const io = memoryIo({
      env: {
        FLOTILLA_DATABASE_URL: config.database.url,
        FLOTILLA_DATA_FOLDER: '/nowhere',
        FLOTILLA_ENCRYPTION_KEY: config.encryption.key,
      },
    });
    const code = await runCli(['hub', 'keys', ...command.split(' ')], io);
    const { out, err } = io.taken();
    if (code !== 0) throw new Error(err);
    return out;
  }
  const idIn = (text: string): string => /key ([0-9a-f]{16})/.exec(text)![1]!;
  const keysOf = (hub: TestHub): HubKeys => hub.app.get(HubKeys, { strict: false });
  const signingKeyIds = () => [ring.hub, other].map((hub) => keysOf(hub).signingKeyId());
  async function change(): Promise<void> {
    count += 1;
    const commit = await ring.push({ 'app/a.yaml': configMap('a', { value: String(count) }) });
    await ring.inSync(commit);
    const signed = await ring.rows(`SELECT DISTINCT signed->>'keyId' AS key FROM roots WHERE signed IS NOT NULL`);
    expect(signed).toEqual([{ key: keysOf(ring.hub).signingKeyId() }]);
  }

  it('brings in a key that agents know before it signs, and every hub uses it when its time comes', async () => {
    const [before] = signingKeyIds();
    const planned = idIn(await keys('rotate --active-in 1h'));
    await eventually(async () => {
      for (const hub of [ring.hub, other]) expect(keysOf(hub).keySet().signing).toHaveLength(2);
    });
    expect(signingKeyIds()).toEqual([before, before]);
    await change();
    expect(await keys('list')).toMatch(new RegExp(`${planned} +signing +2 +pending`));

    const now = idIn(await keys('rotate --active-in 0s'));
    await eventually(async () => expect(signingKeyIds()).toEqual([now, now]));
    await change();
    expect(await keys('list')).toMatch(new RegExp(`${now} +signing +3 +active`));
    expect(await keys('list')).toMatch(new RegExp(`${before} +signing +1 +standby`));
  }, 60_000);

  it('signs anew what a retiring key has signed, and agents forget it when its grace is over', async () => {
    const [before] = signingKeyIds();
    const next = idIn(await keys('rotate --active-in 0s'));
    await keys(`retire ${before} --grace 1h`);
    await eventually(async () => expect(signingKeyIds()).toEqual([next, next]));
    // Nothing else changes: agents are given the same root under the new signature.
    await eventually(async () => {
      const signed = await ring.rows(`SELECT DISTINCT signed->>'keyId' AS key FROM roots WHERE signed IS NOT NULL`);
      expect(signed).toEqual([{ key: next }]);
    });
    expect(await keys('list')).toMatch(new RegExp(`${before} +signing +\\d +retiring`));

    const sessions = () => [...ring.clusters.values()].map(({ agent }) => agent.state().session);
    const earlier = sessions();
    await keys(`retire ${before} --grace 0s`);
    await eventually(async () =>
      expect(
        keysOf(other)
          .keySet()
          .signing.map(({ version }) => version),
      ).not.toContain(3),
    );
    await eventually(async () => sessions().forEach((now, index) => expect(now).toBeGreaterThan(earlier[index]!)));
    await change();
    await expect(keys(`retire ${before}`)).rejects.toThrow('was retired at');
  }, 60_000);

  it('keeps the last key, and the root', async () => {
    const all = await keys('list');
    const root = /([0-9a-f]{16}) +root/.exec(all)![1]!;
    await expect(keys(`retire ${root}`)).rejects.toThrow('is pinned by every agent');
    await expect(keys('retire 0000000000000000')).rejects.toThrow('there is no key 0000000000000000');
    const only = /([0-9a-f]{16}) +token +1 +active/.exec(all)![1]!;
    await expect(keys(`retire ${only}`)).rejects.toThrow('is the only token key in force');
    const audited = await ring.rows(`SELECT DISTINCT action FROM audit WHERE action LIKE 'hub-key.%' ORDER BY action`);
    expect(audited).toEqual([{ action: 'hub-key.retire' }, { action: 'hub-key.rotate' }]);
  });

  it('takes tokens of agents by the former key too, until they end', async () => {
    const former = keysOf(ring.hub).tokenKey();
    const next = idIn(await keys('rotate --role token --active-in 0s'));
    await eventually(async () => {
      for (const hub of [ring.hub, other]) expect(keysOf(hub).tokenKey().keyId).toBe(next);
    });
    expect(keysOf(other).tokenKeys(former.keyId)).toEqual([former.secret]);
    expect(keysOf(other).tokenKeys(undefined)).toHaveLength(2);
    // Agents go on with the tokens that they have.
    await change();
    expect(ring.logged(/agent token is not valid/)).toEqual([]);
    expect(await keys('list')).toMatch(new RegExp(`${former.keyId} +token +1 +retiring`));
    await keys(`retire ${former.keyId} --grace 0s`);
    await eventually(async () => expect(keysOf(ring.hub).tokenKeys(former.keyId)).toEqual([]));
    // A refused token is replaced by the agent itself.
    await change();
    for (const { agent } of ring.clusters.values()) expect(agent.state().trouble).toBeUndefined();
  }, 60_000);
});
