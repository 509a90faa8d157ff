import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { identityReference, readIdentity } from '#src/agent/identity/identity';
import { HubKeys } from '#src/hub/security/hub-keys';
import { eventually } from '#test/harness/eventually';
import { configMap, Ring } from '#test/safety/parts/ring';

/** An agent replaces its own key, over the whole ring. */
describe('rotating the key of an agent', () => {
  let ring: Ring;
  let count = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    await ring.declareSource();
    await ring.addCluster('one');
    await ring.push({ 'app/a.yaml': configMap('a', { value: '0' }) });
    await ring.declare('app');
    await ring.inSync();
  }, 60_000);
  afterAll(() => ring?.stop());

  const storedKey = () =>
    createPrivateKey(readIdentity(ring.cluster('one').kubernetes.peek(identityReference)!).privateKey);
  const storedKeyId = (): string => keyIdOf(publicKeyText(storedKey()));
  const keyIdAtHub = async (): Promise<string> => (await ring.get('clusters/one')).status.agentKeyId;
  async function change(): Promise<void> {
    count += 1;
    await ring.inSync(await ring.push({ 'app/a.yaml': configMap('a', { value: String(count) }) }));
  }
  async function tokenBy(key = storedKey()): Promise<number> {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', kid: keyIdOf(publicKeyText(key)) })
      .setIssuer(ring.cluster('one').id)
      .setSubject(ring.cluster('one').id)
      .setAudience(ring.hub.app.get(HubKeys, { strict: false }).hubId)
      .setIssuedAt()
      .setExpirationTime('60s')
      .setJti(randomUUID())
      .sign(key);
    return (await ring.hub.anonymous.post('/agent/v1/token').send({ assertion })).status;
  }

  it('happens by age, without a gap: the former key ends when the new one is used', async () => {
    const former = storedKey();
    const { session } = ring.cluster('one').agent.state();
    await ring.cluster('one').restart({ timing: { pollMs: [1_000, 2_000], keyAgeMs: 5_000 } });
    await eventually(async () => expect(await keyIdAtHub()).not.toBe(keyIdOf(publicKeyText(former))));
    await change();
    await ring.cluster('one').restart({ timing: { pollMs: [1_000, 2_000] } });
    await eventually(async () => expect(await keyIdAtHub()).toBe(storedKeyId()));
    expect(await tokenBy(former)).not.toBe(200);
    expect(await tokenBy()).toBe(200);
    await change();
    expect(ring.cluster('one').agent.state().session).toBeGreaterThan(session);
    expect(await ring.rows('SELECT reason FROM dead_letters')).toEqual([]);
    const [audited] = await ring.rows(`SELECT actor, after FROM audit WHERE action = 'cluster.rotate-key'`);
    expect(audited?.actor).toBe('agent:one');
  }, 60_000);

  it('finishes at the next start where the agent died after the hub was told, before it used the new key', async () => {
    const cluster = ring.cluster('one');
    await cluster.agent.stop();
    const before = storedKeyId();
    // The second write of the Secret is the one that puts the new key in the place of the present one.
    let writes = 0;
    cluster.kubernetes.faults.failNext(
      ({ verb, reference }) => verb === 'replace' && reference.kind === 'Secret' && (writes += 1) === 2,
      new Error('killed'),
    );
    await cluster.restart({ timing: { pollMs: [1_000, 2_000], keyAgeMs: 1 } });
    await eventually(async () => {
      const [row] = await ring.rows('SELECT next_agent_key_id AS next FROM clusters');
      expect(row?.next).not.toBeNull();
    });
    await cluster.agent.stop();
    cluster.kubernetes.faults.clear();
    const [{ next }] = (await ring.rows('SELECT next_agent_key_id AS next FROM clusters')) as [{ next: string }];
    expect([storedKeyId(), await keyIdAtHub()]).toEqual([before, before]);
    await cluster.restart();
    await eventually(async () => expect(await keyIdAtHub()).toBe(next));
    expect(storedKeyId()).toBe(next);
    await change();
  }, 60_000);

  it('is taken over by a running agent when another process has done it', async () => {
    const cluster = ring.cluster('one');
    const before = storedKeyId();
    const { rotateStoredKey } = await import('#src/agent/identity/rotate-now');
    const { keyId } = await rotateStoredKey({ kubernetes: cluster.kubernetes });
    expect(keyId).not.toBe(before);
    expect(await keyIdAtHub()).toBe(keyId);
    await change();
    expect(ring.logged(/revoked/)).toEqual([]);
    await eventually(async () => expect(cluster.agent.state().trouble).toBeUndefined());
  }, 60_000);
});
