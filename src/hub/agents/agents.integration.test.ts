import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { decodeJoinToken } from '#libs/protocol/join';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { encodeNode } from '#libs/protocol/nodes';
import { ephemeralText } from '#libs/protocol/session';
import { signValue } from '#libs/protocol/signed';
import { HubKeys } from '#src/hub/security/hub-keys';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { Notifications } from '#src/hub/stages/notifications';
import { startTestHub, type TestHub } from '#test/harness/hub';

interface Agent {
  cluster: string;
  name: string;
  key: KeyObject;
}

describe('the agents’ protocol', () => {
  let hub: TestHub;
  let hubId: string;
  let count = 0;

  beforeAll(async () => {
    hub = await startTestHub();
    hubId = hub.app.get(HubKeys, { strict: false }).hubId;
  });
  afterAll(() => hub.stop());

  const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
  async function register(): Promise<{ name: string; joinToken: string }> {
    count += 1;
    const name = `cluster-${count}`;
    const { body } = await hub.request.post('/api/v1/clusters').send({ metadata: { name }, spec: { region: 'eu' } });
    return { name, joinToken: body.join.joinToken };
  }
  function join(joinToken: string, key: KeyObject, clusterUid = 'uid') {
    const decoded = decodeJoinToken(joinToken);
    if (!decoded.ok) throw new Error(decoded.message);
    const { cluster, secret } = decoded.token;
    const claim = signValue('flotilla.dev/join/v1', { cluster, publicKey: publicKeyText(key), clusterUid }, key);
    return hub.anonymous.post('/agent/v1/join').send({ secret, cluster, claim });
  }
  async function joined(): Promise<Agent> {
    const { name, joinToken } = await register();
    const key = newKey();
    const { body } = await join(joinToken, key).expect(200);
    await hub.database.execute(`INSERT INTO agent_sessions (cluster_id, session, key_sealed) VALUES ($1, 1, '')`, [
      body.cluster,
    ]);
    return { cluster: body.cluster, name, key };
  }
  async function assertion({ cluster, key }: Agent, { seconds = 60, audience = hubId } = {}): Promise<string> {
    return await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', kid: keyIdOf(publicKeyText(key)) })
      .setIssuer(cluster)
      .setSubject(cluster)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .setJti(randomUUID())
      .sign(key);
  }
  async function tokenOf(agent: Agent): Promise<string> {
    const { body } = await hub.anonymous
      .post('/agent/v1/token')
      .send({ assertion: await assertion(agent) })
      .expect(200);
    return body.token;
  }
  const sync = (token: string, waitMs = 0, hold = 0) =>
    hub.anonymous
      .post('/agent/v1/sync')
      .set('authorization', `Bearer ${token}`)
      .send({ protocol: 1, session: 1, have: { epoch: 0, generation: 0, scopes: {}, hold }, waitMs });
  const openSession = (token: string, agent: Agent, session: number, clusterUid = 'uid') => {
    const ephemeral = ephemeralText(generateKeyPairSync('x25519').privateKey);
    const request = {
      cluster: agent.cluster,
      hub: hubId,
      session,
      ephemeral,
      clusterUid,
      sentAt: new Date().toISOString(),
    };
    return hub.anonymous
      .post('/agent/v1/sessions')
      .set('authorization', `Bearer ${token}`)
      .send({ request: signValue('flotilla.dev/session/v1', request, agent.key) });
  };

  it('lets a cluster join once, and the same key again when the answer was lost', async () => {
    const { joinToken } = await register();
    const key = newKey();
    const first = await join(joinToken, key).expect(200);
    const second = await join(joinToken, key).expect(200);
    expect(second.body).toEqual(first.body);
    const thief = await join(joinToken, newKey()).expect(403);
    expect(thief.body.detail).toContain('used already, with another key');
  });

  it('refuses a token that has expired, was replaced, or is for another cluster', async () => {
    const { name, joinToken } = await register();
    await hub.request.post(`/api/v1/clusters/${name}/join-token`).expect(201);
    expect((await join(joinToken, newKey()).expect(403)).body.detail).toContain('replaced');
    const other = await register();
    await hub.database.execute(`UPDATE join_tokens SET expires_at = now() - interval '1 s'`);
    expect((await join(other.joinToken, newKey()).expect(403)).body.detail).toContain('expired');
  });

  it('gives tokens only for short assertions to this hub by the key that joined', async () => {
    const agent = await joined();
    const ask = async (text: string) => (await hub.anonymous.post('/agent/v1/token').send({ assertion: text })).status;
    expect(await ask(await assertion(agent))).toBe(200);
    expect(await ask(await assertion(agent, { seconds: 3_600 }))).toBe(401);
    expect(await ask(await assertion(agent, { audience: randomUUID() }))).toBe(401);
    expect(await ask(await assertion({ ...agent, key: newKey() }))).toBe(403);
    expect(await ask('nonsense')).toBe(401);
  });

  it('cuts off an agent that was revoked, at once, and tells one whose cluster was deregistered that it is gone', async () => {
    const [revoked, gone] = [await joined(), await joined()];
    const [revokedToken, goneToken] = [await tokenOf(revoked), await tokenOf(gone)];
    await hub.request.post(`/api/v1/clusters/${revoked.name}/revoke`).expect(200);
    await hub.request.delete(`/api/v1/clusters/${gone.name}`).expect(200);
    const answer = await sync(revokedToken).expect(403);
    expect(answer.body.type).toMatch(/\/revoked$/);
    await sync(goneToken).expect(410);
    await hub.anonymous
      .post('/agent/v1/token')
      .send({ assertion: await assertion(gone) })
      .expect(410);
  });

  it('fences a clone: the same key from another cluster, and a session that is older than one that was opened', async () => {
    const agent = await joined();
    const token = await tokenOf(agent);
    await openSession(token, agent, 3).expect(200);
    await openSession(token, agent, 3).expect(200);
    expect((await openSession(token, agent, 2).expect(409)).body.detail).toContain('older');
    expect((await openSession(token, agent, 4, 'another').expect(409)).body.detail).toContain('a clone');
  });

  it('lets a replacement with a new key begin its history anew', async () => {
    const agent = await joined();
    await openSession(await tokenOf(agent), agent, 9).expect(200);
    const { body } = await hub.request.post(`/api/v1/clusters/${agent.name}/join-token`).expect(201);
    const heir = { ...agent, key: newKey() };
    await join(body.join.joinToken, heir.key, 'uid-2').expect(200);
    await openSession(await tokenOf(heir), heir, 1, 'uid-2').expect(200);
    await hub.anonymous
      .post('/agent/v1/token')
      .send({ assertion: await assertion(agent) })
      .expect(403);
  });

  it('shows a node only to whom it is meant for', async () => {
    const [owner, stranger] = [await joined(), await joined()];
    const node = encodeNode({ format: 1, kind: 'deletions', objects: ['/ConfigMap/default/x'] });
    await hub.app.get(Nodes, { strict: false }).store([node]);
    await hub.database.execute(
      `UPDATE roots SET scopes = jsonb_build_object('cluster', $2::text) WHERE cluster_id = $1`,
      [owner.cluster, node.digest],
    );
    const read = async (agent: Agent) =>
      await hub.anonymous.get(`/agent/v1/nodes/${node.digest}`).set('authorization', `Bearer ${await tokenOf(agent)}`);
    const answer = await read(owner);
    expect([answer.status, answer.text, answer.headers['cache-control']]).toEqual([
      200,
      node.text,
      expect.stringContaining('immutable'),
    ]);
    expect((await read(stranger)).status).toBe(404);
    expect((await hub.anonymous.get(`/agent/v1/nodes/${node.digest}`)).status).toBe(401);
  });

  it('has an agent open another session where it knows nothing of the present one', async () => {
    const agent = await joined();
    const token = await tokenOf(agent);
    await hub.database.execute('DELETE FROM agent_sessions WHERE cluster_id = $1', [agent.cluster]);
    expect((await sync(token).expect(409)).body.detail).toContain('session 1 is not open');
    await openSession(token, agent, 2).expect(200);
  });

  it('answers a waiting poll when a halt comes', async () => {
    const agent = await joined();
    const token = await tokenOf(agent);
    const { body } = await sync(token);
    const waiting = sync(token, 20_000, body.hold.version).then((answer) => answer);
    await hub.database.execute(
      `INSERT INTO holds (id, scope, scope_name, reason, created_by) VALUES ($1, 'cluster', $2, 'test', 'test')`,
      [randomUUID(), agent.name],
    );
    await hub.database.execute('UPDATE hub SET hold_version = hold_version + 1');
    await hub.app.get(Notifications, { strict: false }).notify('flotilla_hold', '');
    expect((await waiting).body.hold).toMatchObject({ cluster: true, reason: 'test' });
  });
});
