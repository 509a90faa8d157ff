import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Digest } from '#libs/protocol/digest';
import { stateConfigMap } from '../names';
import {
  application,
  configMap,
  configMapRef,
  eventually,
  quiet,
  webNamespace,
  world,
  type World,
} from '../testing/fixtures';

describe('which roots an agent acts on', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const first = { [application]: { objects: [webNamespace, configMap('a', { v: '1' })] } };
  const second = { [application]: { objects: [webNamespace, configMap('a', { v: '2' }), configMap('b')] } };
  const live = (name: string): unknown => w.kubernetes.peek(configMapRef(name))?.data;
  const highest = (): string | undefined =>
    (w.kubernetes.peek(configMapRef(stateConfigMap, 'flotilla-system'))?.data as Record<string, string>)?.root;

  async function held(): Promise<Awaited<ReturnType<World['start']>>> {
    w.hub.release(first);
    const agent = await w.start();
    await eventually('first release', () => w.hub.said(application)?.phase === 'applied');
    return agent;
  }

  /** Nothing of the second release may be seen, and a person is told why. */
  async function expectRefused(agent: Awaited<ReturnType<typeof held>>, why: string | RegExp): Promise<void> {
    const recorded = highest();
    await eventually(`trouble: ${why}`, () => agent.state().trouble?.match(why) != null);
    await quiet();
    expect(live('a')).toEqual({ v: '1' });
    expect(live('b')).toBeUndefined();
    expect(highest()).toBe(recorded);
  }

  it('refuses one that is signed by a key which the root key does not vouch for', async () => {
    const agent = await held();
    const root = w.hub.release(second);
    w.hub.serve(root, generateKeyPairSync('ed25519').privateKey);
    await expectRefused(agent, 'does not vouch for');
  });

  it('asks for the keys again, and takes a root of a new signing key', async () => {
    await held();
    w.hub.signingKey = generateKeyPairSync('ed25519').privateKey;
    w.hub.signingKeys = [...w.hub.signingKeys, w.hub.signingKey];
    w.hub.release(second);
    await eventually('second release', () => live('b') !== undefined);
    expect(w.hub.sessions).toEqual([1, 2]);
  });

  it('refuses one whose text was changed', async () => {
    const agent = await held();
    w.hub.tamper = (answer) =>
      answer.root === undefined
        ? answer
        : { ...answer, root: { ...answer.root, payload: answer.root.payload.replace('"epoch":1', '"epoch":9') } };
    w.hub.release(second);
    await expectRefused(agent, 'signature');
  });

  it.each([
    ['for another cluster', { audience: randomUUID() }, /is for cluster/],
    ['of another hub', { hub: randomUUID() }, /is of hub/],
    ['that has expired', { expiresAt: '2020-01-01T00:00:00.000Z' }, /expired/],
    ['that is malformed', { generation: 0.5 }, /malformed/],
  ])('refuses one %s', async (_name, change, why) => {
    const agent = await held();
    w.hub.release(second, change);
    await expectRefused(agent, why);
  });

  it('refuses one that is older than the highest, also after a restart without its cache', async () => {
    w.hub.release(first);
    w.hub.release(first);
    const agent = await w.start();
    await eventually('first release', () => w.hub.said(application)?.generation === 2);
    await agent.stop();
    w.hub.release(second, { generation: 1 });
    await expectRefused(await w.start(), /older than 1\/2/);
  });

  it('refuses another content under the same version', async () => {
    const agent = await held();
    await agent.stop();
    w.hub.release(second, { generation: 1 });
    await expectRefused(await w.start(), /differs from the one of the same version/);
  });

  it('takes older bundles under a newer root: that is a rollback', async () => {
    await held();
    w.hub.release(second);
    await eventually('second release', () => live('b') !== undefined);
    w.hub.release(first);
    await eventually('rollback', () => live('b') === undefined);
    expect(live('a')).toEqual({ v: '1' });
    await eventually('report', () => w.hub.said(application)?.generation === 3);
  });

  it('writes a root down in the cluster before anything of it is applied', async () => {
    await held();
    let atApply: string | undefined;
    w.kubernetes.faults.setLatency(({ verb, dryRun }) => {
      if (verb === 'apply' && !dryRun) atApply ??= highest();
      return 0;
    });
    w.hub.release(second);
    await eventually('second release', () => live('b') !== undefined);
    expect(JSON.parse(atApply!)).toMatchObject({ epoch: 1, generation: 2 });
  });

  it('refuses everything when one node is not what its digest says', async () => {
    const agent = await held();
    w.hub.tamper = (answer) => {
      for (const node of Object.values(answer.nodes) as { kind: string; object?: { metadata: { name: string } } }[]) {
        if (node.object?.metadata.name === 'b') node.object.metadata.name = 'evil';
      }
      return answer;
    };
    w.hub.release(second);
    await expectRefused(agent, /does not hash to its digest/);
    expect(live('evil')).toBeUndefined();
  });

  it('fetches what an answer that was cut leaves out', async () => {
    w.hub.tamper = (answer) => {
      for (const [digest, node] of Object.entries(answer.nodes)) {
        if ((node as { kind: string }).kind === 'object') delete answer.nodes[digest];
      }
      return { ...answer, partial: true };
    };
    await held();
    expect(w.hub.fetched).toHaveLength(2);
  });

  it('fetches the whole bundle when a delta does not give it', async () => {
    await held();
    w.hub.tamper = (answer) => ({
      ...answer,
      bundles: answer.bundles.map((delta) => ({ ...delta, splices: [[0, 1, ['f'.repeat(64) as Digest]]] })),
    });
    w.hub.release(second);
    await eventually('second release', () => live('b') !== undefined);
    expect(w.hub.fetched).toEqual([w.hub.digestOf(application)]);
  });
});
