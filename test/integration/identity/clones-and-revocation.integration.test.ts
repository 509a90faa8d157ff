import { createPrivateKey } from 'node:crypto';
import { topics } from '#libs/protocol/report';
import { signValue } from '#libs/protocol/signed';
import { startAgent } from '#src/agent/agent';
import { identityReference, readIdentity } from '#src/agent/identity/identity';
import { memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { runCli } from '#src/cli/run';
import { memoryIo } from '#src/cli/testing/memory-io';
import { HubLog } from '#src/hub/message-log/hub-log';
import { eventually } from '#test/harness/eventually';
import { configMap, Ring } from '#test/safety/parts/ring';

/** Long enough that nothing that happens here happened since a poll ended by itself. */
const longPolls = { pollMs: [100_000, 110_000] as [number, number], healthMs: 1_000 };

describe('who may be a cluster', () => {
  let ring: Ring;
  let count = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    await ring.declareSource();
    await ring.push({ 'app/a.yaml': configMap('a', { value: '0' }) });
    await ring.declare('app');
  }, 60_000);
  afterAll(() => ring?.stop());

  async function change(): Promise<void> {
    count += 1;
    await ring.inSync(await ring.push({ 'app/a.yaml': configMap('a', { value: String(count) }) }));
  }
  async function cli(command: string): Promise<string> {
    const env = { FLOTILLA_URL: ring.hub.url, FLOTILLA_TOKEN: ring.hub.adminToken, FLOTILLA_HOME: '/nowhere' };
    const io = memoryIo({ env, fetch: (request) => fetch(request) });
    const code = await runCli(command.split(' '), io);
    const { out, err } = io.taken();
    if (code !== 0) throw new Error(err);
    return out;
  }

  it('shows a clone, which is refused, and leaves the cluster alone', async () => {
    const original = await ring.addCluster('original');
    await change();
    const { session } = original.agent.state();
    // A copy of everything that the agent keeps, in a cluster that was made anew.
    const objects = original.kubernetes.objects().map((object) => {
      if (object.kind !== 'Namespace' || object.metadata.name !== 'kube-system') return object;
      return { ...object, metadata: { ...object.metadata, uid: 'copied-kube-system' } };
    });
    const copy = memoryKubernetes({ restore: objects });
    const clone = await startAgent({ kubernetes: copy, timing: longPolls });
    await eventually(async () => {
      const { status } = await ring.get('clusters/original');
      expect(status.clone).toMatchObject({ clusterUid: 'copied-kube-system' });
      expect(status.trouble).toContain('UID copied-kube-system');
    });
    expect(clone.state().trouble).toContain('a clone or a restored copy');
    expect(await cli('cluster show original')).toMatch(
      /A clone with UID copied-kube-system tried to be this cluster at/,
    );
    const audited = await ring.rows(`SELECT actor, after FROM audit WHERE action = 'cluster.clone-refused'`);
    expect(audited).toMatchObject([{ actor: 'agent:original', after: { clusterUid: 'copied-kube-system' } }]);
    await change();
    expect(original.agent.state()).toMatchObject({ session, trouble: undefined });
    await clone.stop();
    await copy.close();
  }, 60_000);

  it('ends the held poll of an agent that is revoked, and sets aside what it writes to the log', async () => {
    const cluster = await ring.addCluster('revoked', { agent: { timing: longPolls } });
    await ring.inSync();
    await eventually(async () => expect(cluster.agent.state()).toMatchObject({ isConnected: true, waitingReports: 0 }));
    const { privateKey } = readIdentity(cluster.kubernetes.peek(identityReference)!);
    await ring.hub.request.post('/api/v1/clusters/revoked/revoke').expect(200);
    expect(await cluster.agent.whenStopped).toMatchObject({ reason: 'revoked' });
    // It keeps what it has.
    expect(
      cluster.kubernetes.objects().filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'a'),
    ).toHaveLength(1);

    const report = {
      format: 1,
      kind: 'report',
      cluster: cluster.id,
      session: 99,
      sequence: 1,
      sentAt: new Date().toISOString(),
    };
    const value = Buffer.from(
      JSON.stringify(signValue('flotilla.dev/report/v1', report, createPrivateKey(privateKey))),
    );
    await ring.hub.app.get(HubLog, { strict: false }).send(topics.reports, [{ key: cluster.id, value }]);
    await eventually(async () => {
      const letters = await ring.rows('SELECT reason FROM dead_letters WHERE key = $1', [cluster.id]);
      expect(letters).toEqual([{ reason: 'comes from a cluster that the hub does not know, or has revoked' }]);
    });
  }, 60_000);

  it('lets it join again by an admin’s token, with another key, and never with the revoked one', async () => {
    const cluster = ring.cluster('revoked');
    const before = cluster.kubernetes.peek(identityReference)!;
    const { body } = await ring.hub.request.post('/api/v1/clusters/revoked/join-token').expect(201);
    const { joinToken } = body.join;
    await cluster.restart({ joinToken });
    const after = readIdentity(cluster.kubernetes.peek(identityReference)!);
    expect(after.privateKey).not.toBe(readIdentity(before).privateKey);
    expect(after.nextPrivateKey).toBeUndefined();
    await change();
    expect((await ring.get('clusters/revoked')).status).toMatchObject({ lifecycle: 'joined', connection: 'online' });

    // Its old identity, put back from a backup, is no way in.
    await cluster.agent.stop();
    cluster.kubernetes.edit(identityReference, 'test', (secret) => void (secret.data = before.data));
    await cluster.restart({ joinToken: undefined });
    expect(await cluster.agent.whenStopped).toMatchObject({ reason: 'revoked' });
  }, 60_000);

  it('ends the agent whose place another one has taken with a newer token', async () => {
    const cluster = await ring.addCluster('taken', { agent: { timing: longPolls } });
    await ring.inSync().catch(() => undefined);
    await eventually(async () => expect(cluster.agent.state().isConnected).toBe(true));
    const { body } = await ring.hub.request.post('/api/v1/clusters/taken/join-token').expect(201);
    const elsewhere = memoryKubernetes();
    const heir = await startAgent({
      kubernetes: elsewhere,
      hubUrl: ring.hub.url,
      joinToken: body.join.joinToken,
      bootstrap: true,
      timing: longPolls,
    });
    expect(await cluster.agent.whenStopped).toMatchObject({ reason: 'revoked' });
    await eventually(async () => expect(heir.state().isConnected).toBe(true));
    await heir.stop();
    await elsewhere.close();
  }, 60_000);
});
