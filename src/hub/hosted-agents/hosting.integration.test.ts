import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { openHub } from '#src/cli/client/hub';
import { addCluster } from '#src/cli/cluster-add/add';
import { testIo } from '#src/cli/cluster-add/testing/test-io';
import { eventually } from '#test/harness/eventually';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { startKubernetes, type TestCluster, type TestKubernetes } from '#test/harness/kubernetes';
import { Supervisor } from './supervisor.service';

jest.setTimeout(60_000);

describe('hosted agents', () => {
  let hub: TestHub;
  let kubernetes: TestKubernetes;
  let clusters: TestCluster[];

  beforeAll(async () => {
    [hub, kubernetes] = await Promise.all([
      startTestHub({ agents: { heartbeatSeconds: 1, unknownAfterSeconds: 4 } }),
      startKubernetes({ clusters: 2 }),
    ]);
    ({ clusters } = kubernetes);
    for (const cluster of clusters) await add(cluster);
  });
  afterAll(async () => {
    await hub?.stop();
    await kubernetes?.stop();
  });

  async function add({ name, kubeconfigPath: kubeconfig }: TestCluster): Promise<void> {
    const io = testIo();
    const api = openHub({ url: hub.url, token: hub.adminToken }, io);
    await addCluster({ hub: api, kubeconfig, name, region: 'eu', labels: {} }, io);
    expect(io.printed()).toContain(`cluster/${name} is online`);
  }

  interface Row {
    id: string;
    holder: string;
    epoch: number;
    version: number;
    sealed: Buffer;
    left_ms: number;
    session: number;
  }
  const rowOf = async (name: string): Promise<Row> =>
    (await hub.database.one<Row>(
      `SELECT c.id, h.holder, h.lease_epoch AS epoch, h.credential_version AS version, h.kubeconfig_sealed AS sealed,
              extract(epoch FROM h.expires_at - now())::float8 * 1000 AS left_ms, b.session
         FROM clusters c JOIN hosted_clusters h ON h.cluster_id = c.id LEFT JOIN heartbeats b ON b.cluster_id = c.id
        WHERE c.name = $1`,
      [name],
    ))!;
  const shown = async (name: string) => (await hub.request.get(`/api/v1/clusters/${name}`)).body.status;
  const hosting = async (name: string) => (await hub.request.get(`/api/v1/clusters/${name}/host`)).body;
  const online = (name: string) =>
    eventually(async () => expect(await shown(name)).toMatchObject({ connection: 'online', hosted: true }));
  const supervisor = (of: TestHub = hub) => of.app.get(Supervisor, { strict: false });

  it('take no kubeconfig that runs a program, and say so by the field', async () => {
    const kubeconfig = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://k8s.example.com' } }],
      users: [{ name: 'u', user: { exec: { command: 'touch', args: ['/tmp/ran'] }, token: 'hunter2' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    });
    const answer = await hub.request.put('/api/v1/clusters/cluster-1/host').send({ kubeconfig });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual({
      field: 'kubeconfig.users[0].user.exec',
      message: expect.stringContaining('no program of a kubeconfig ever runs in the hub'),
    });
    expect(JSON.stringify([answer.body, hub.logs])).not.toContain('hunter2');
    const viewer = await hub.as({ role: 'viewer' });
    expect((await viewer.put('/api/v1/clusters/cluster-1/host').send({ kubeconfig })).status).toBe(403);
    const elsewhere = await hub.as({ role: 'operator', scope: { regions: ['us'] } });
    expect((await elsewhere.get('/api/v1/clusters/cluster-1/host')).status).toBe(404);
    expect((await elsewhere.put('/api/v1/clusters/cluster-1/host').send({ kubeconfig: 'x' })).status).toBe(400);
    expect((await elsewhere.delete('/api/v1/clusters/cluster-1/host')).status).toBe(404);
  });

  it('renew their credential when half of its life has passed, without a new session', async () => {
    const before = await rowOf('cluster-1');
    await hub.database.execute(
      `UPDATE hosted_clusters SET rotated_at = now() - interval '1 hour', expires_at = now() + interval '59 minutes',
              credential_version = credential_version + 1 WHERE cluster_id = $1`,
      [before.id],
    );
    await eventually(async () => {
      const after = await rowOf('cluster-1');
      expect(after.version).toBe(before.version + 2);
      expect(after.left_ms).toBeGreaterThan(24 * 3_600_000);
      expect(after.sealed.equals(before.sealed)).toBe(false);
    });
    await online('cluster-1');
    expect((await rowOf('cluster-1')).session).toBe(before.session);
    expect(await hosting('cluster-1')).toMatchObject({ state: 'running' });
  });

  it('stop when their lease is lost, and go on elsewhere', async () => {
    const { id, session } = await rowOf('cluster-1');
    expect(supervisor().hosted()).toContain(id);
    await hub.database.execute(
      `UPDATE hosted_clusters SET holder = $2, lease_epoch = lease_epoch + 1, lease_until = now() + interval '1 hour'
        WHERE cluster_id = $1`,
      [id, randomUUID()],
    );
    await eventually(async () => expect(supervisor().hosted()).not.toContain(id));
    await eventually(async () => expect((await shown('cluster-1')).connection).toBe('unknown'));
    await online('cluster-2');
    await hub.database.execute('UPDATE hosted_clusters SET lease_until = now() WHERE cluster_id = $1', [id]);
    await online('cluster-1');
    expect((await rowOf('cluster-1')).session).toBeGreaterThan(session);
  });

  it('stop when the database cannot be reached in time, before another hub may have their lease', async () => {
    const blocker = new Client({ connectionString: hub.config.database.url });
    await blocker.connect();
    try {
      await blocker.query('BEGIN');
      await blocker.query('LOCK TABLE hosted_clusters IN ACCESS EXCLUSIVE MODE');
      await eventually(() => Promise.resolve(expect(supervisor().hosted()).toEqual([])));
      await blocker.query('ROLLBACK');
    } finally {
      await blocker.end();
    }
    await eventually(() => Promise.resolve(expect(supervisor().hosted()).toHaveLength(2)));
    for (const { name } of clusters) await online(name);
  });

  it('are shared by the hubs of one database, and taken over from one that stops', async () => {
    const { config } = hub;
    const second = await startTestHub({
      agents: config.agents,
      database: { url: config.database.url },
      encryption: config.encryption,
    });
    try {
      await eventually(async () => {
        expect([supervisor().hosted().length, supervisor(second).hosted().length]).toEqual([1, 1]);
      });
      for (const { name } of clusters) await online(name);
    } finally {
      await second.stop();
    }
    await eventually(async () => expect(supervisor().hosted()).toHaveLength(2));
    for (const { name } of clusters) await online(name);
  });

  it('tell what is wrong with one cluster, which concerns no other', async () => {
    await clusters[1]!.kill();
    const { id } = await rowOf('cluster-2');
    // Started anew, so that it need not wait for the agent's next look at its cluster.
    await hub.database.execute('UPDATE hosted_clusters SET lease_epoch = lease_epoch + 1 WHERE cluster_id = $1', [id]);
    await eventually(async () => {
      expect(await hosting('cluster-2')).toMatchObject({
        state: 'failing',
        message: expect.stringContaining('cannot be reached'),
      });
    });
    expect((await shown('cluster-2')).trouble).toContain('cannot be reached');
    expect(await hosting('cluster-1')).toMatchObject({ state: 'running' });
    await online('cluster-1');
    await clusters[1]!.start();
    await online('cluster-2');
    await eventually(async () => expect(await hosting('cluster-2')).toMatchObject({ state: 'running' }));
  });

  it('say when their credential has expired, and are mended by adding the cluster again', async () => {
    const { id } = await rowOf('cluster-2');
    await hub.database.execute(
      `UPDATE hosted_clusters SET expires_at = now() - interval '1 minute', lease_epoch = lease_epoch + 1 WHERE cluster_id = $1`,
      [id],
    );
    await eventually(async () => {
      expect(await hosting('cluster-2')).toMatchObject({
        state: 'failing',
        message: expect.stringContaining('run `flotilla cluster add` again'),
      });
    });
    await add(clusters[1]!);
    await eventually(async () => expect(await hosting('cluster-2')).toMatchObject({ state: 'running' }));
    await online('cluster-2');
  });

  it('end when a cluster is no longer hosted, which stays registered', async () => {
    const { id } = await rowOf('cluster-2');
    const answer = await hub.request.delete('/api/v1/clusters/cluster-2/host');
    expect(answer.body).toEqual({ cluster: 'cluster-2', hosted: false });
    await eventually(async () => expect(supervisor().hosted()).not.toContain(id));
    expect(await shown('cluster-2')).toMatchObject({ hosted: false, lifecycle: 'joined' });
    expect((await hub.request.get('/api/v1/clusters/cluster-2/host')).status).toBe(404);
    expect((await hub.request.delete('/api/v1/clusters/cluster-2/host')).status).toBe(200);
    const { stdout } = await clusters[1]!.kubectl(
      '-n',
      'flotilla-system',
      'get',
      'secret',
      'flotilla-agent',
      '-o',
      'name',
    );
    expect(stdout.trim()).toBe('secret/flotilla-agent');
  });

  it('end when their cluster is revoked, and come back with a new key when it may join again', async () => {
    const before = await shown('cluster-1');
    const { id } = await rowOf('cluster-1');
    await hub.request.post('/api/v1/clusters/cluster-1/revoke');
    await eventually(async () => expect(supervisor().hosted()).not.toContain(id));
    await hub.request.post('/api/v1/clusters/cluster-1/join-token');
    await online('cluster-1');
    expect((await shown('cluster-1')).agentKeyId).not.toBe(before.agentKeyId);
  });
});
