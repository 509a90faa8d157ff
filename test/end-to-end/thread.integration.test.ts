import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { type RunningAgent, startAgent } from '#src/agent/agent';
import { realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import { localApi } from '#src/demo/local-api';
import type { CrashPoint } from '#src/hub/stages/crash-point';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { HubProcess } from '#test/harness/hub-process';
import { startKubernetes, type TestKubernetes } from '#test/harness/kubernetes';
import { freshDatabase } from '#test/harness/postgres';
import { tokenInDatabase } from '#test/harness/tokens';
import { watchObject, type WatchedObject } from '#test/harness/watch';

/**
 * The thread: a commit in Git becomes an object in a real API server, and what the agent says of it the state of the
 * fleet. The hub is killed between any two stages of it, and nothing is lost or done twice.
 */
describe('the thread from a commit to a cluster and back', () => {
  let folder: string;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let sql: Client;
  let kubernetes: TestKubernetes;
  let api: KubernetesApi;
  let repository: TestRepository;
  let hub: HubProcess;
  let agent: RunningAgent;
  let watched: WatchedObject;
  let token: string;
  let count = 0;

  const manifest = (value: number): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: thread}\ndata: {value: "${value}", cluster: "\${cluster.name}"}\n`;
  const push = async (): Promise<number> => {
    count += 1;
    await repository.commit({ 'app/config.yaml': manifest(count) });
    return count;
  };
  const valueInCluster = async (): Promise<string> => {
    const { stdout } = await kubernetes.clusters[0]!.kubectl(
      'get',
      'configmap',
      'thread',
      '-o',
      'jsonpath={.data.value}',
    );
    return stdout;
  };
  const status = async () => (await localApi(hub.url, token).get('/status')).body;
  const settled = async (value: number): Promise<void> => {
    await eventually(async () => expect(await valueInCluster()).toBe(String(value)));
    await eventually(async () =>
      expect(await status()).toMatchObject({
        clusters: { total: 1, online: 1, pending: 0, unknown: 0 },
        targets: { total: 1, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 1 },
      }),
    );
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-thread-'));
    [database, kubernetes, repository] = await Promise.all([
      freshDatabase(),
      startKubernetes({ clusters: 1 }),
      makeRepository(path.join(folder, 'repository')),
    ]);
    sql = new Client({ connectionString: database.url });
    await sql.connect();
    token = await tokenInDatabase(database.url, 'admin');
    hub = await HubProcess.create({
      databaseUrl: database.url,
      encryptionKey: randomBytes(32).toString('base64'),
      dataFolder: path.join(folder, 'hub'),
      env: { FLOTILLA_AGENTS_HEARTBEAT_SECONDS: '1' },
    });
    await push();
    await hub.start();
    const client = localApi(hub.url, token);
    const registered = await client.post('/clusters', {
      apiVersion: 'flotilla.dev/v1',
      kind: 'Cluster',
      metadata: { name: 'one', labels: { tier: 'web' } },
      spec: { region: 'eu-central' },
    });
    expect(registered.status).toBe(201);
    const { joinToken } = (registered.body as { join: { joinToken: string } }).join;
    api = realKubernetes({ kubeconfig: kubernetes.clusters[0]!.kubeconfig });
    agent = await startAgent({
      kubernetes: api,
      hubUrl: hub.url,
      joinToken,
      bootstrap: true,
      dataFolder: path.join(folder, 'agent'),
      timing: { pollMs: [2_000, 3_000] },
    });
    const source = await client.put('/sources/thread', {
      apiVersion: 'flotilla.dev/v1',
      kind: 'Source',
      metadata: { name: 'thread' },
      spec: { url: path.join(folder, 'repository'), revision: { branch: 'main' }, pollSeconds: 5 },
    });
    expect([source.status, source.body]).toEqual([201, expect.anything()]);
    const application = await client.put('/applications/thread', {
      apiVersion: 'flotilla.dev/v1',
      kind: 'Application',
      metadata: { name: 'thread' },
      spec: { source: 'thread', path: 'app', placement: { matchLabels: { tier: 'web' } } },
    });
    expect([application.status, application.body]).toEqual([201, expect.anything()]);
    await settled(1);
    watched = await watchObject(kubernetes.clusters[0]!, 'configmap', 'default', 'thread');
  }, 120_000);

  afterAll(async () => {
    watched?.stop();
    await agent?.stop();
    await hub?.kill();
    await api?.close();
    await sql?.end();
    await kubernetes?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<CrashPoint>([
    'source.fetched',
    'source.stored',
    'release.rendered',
    'release.stored',
    'rollout.authorised',
    'root.built',
    'root.signed',
    'sync.answering',
    'records.appended',
    'report.verified',
    'report.folded',
  ])('survives a hub that is killed at %s', async (point) => {
    await hub.stop();
    const before = watched.versions().length;
    await hub.start(point);
    const value = await push();
    await localApi(hub.url, token)
      .post('/sources/thread/refresh', {})
      .catch(() => undefined);
    expect(await hub.ended()).toBe('SIGKILL');
    await hub.start();
    await settled(value);
    // Written once, whatever the hub went through.
    expect(watched.versions().slice(before)).toHaveLength(1);
    const releases = await sql.query('SELECT count(*)::int AS count FROM releases');
    expect(releases.rows).toEqual([{ count: value }]);
    const letters = await sql.query('SELECT reason FROM dead_letters');
    expect(letters.rows).toEqual([]);
  });
});
