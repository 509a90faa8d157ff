import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#test/harness/eventually';
import { type GitServer, makeRepository, serveGit, type TestRepository } from '#test/harness/git';
import { HubProcess } from '#test/harness/hub-process';
import { type KafkaBroker, startKafka } from '#test/harness/kafka';
import { startKubernetes, type TestCluster, type TestKubernetes } from '#test/harness/kubernetes';
import { freshDatabase } from '#test/harness/postgres';
import { type BackgroundProcess, type CliResult, flotilla, flotillaInBackground } from '#test/harness/processes';
import { tokenInDatabase } from '#test/harness/tokens';
import { watchObject, type WatchedObject } from '#test/harness/watch';

const regions = ['eu-central', 'us-east', 'ap-south'] as const;
const application = 'storefront';

const config = (greeting: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: greeting}
data: {greeting: ${greeting}, region: "\${cluster.region}"}
`;
const unchanging = `apiVersion: v1
kind: ConfigMap
metadata: {name: steady}
data: {value: always}
`;
const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n`;
const fleet = (url: string): string => `apiVersion: flotilla.dev/v1
kind: Source
metadata: {name: platform}
spec: {url: ${url}, revision: {branch: main}, pollSeconds: 5}
---
apiVersion: flotilla.dev/v1
kind: Application
metadata: {name: ${application}}
spec:
  source: platform
  path: shop
  namespace: shop
  placement: {matchLabels: {tier: web}}
`;

/**
 * The main job on real parts: three API servers in three regions, two by agents over Kafka and one by kubeconfig, driven
 * by the command line as a user drives it.
 */
describe('a fleet of real clusters in three regions', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-regions-'));
  const agents: BackgroundProcess[] = [];
  const watched: Record<string, WatchedObject[]> = { greeting: [], steady: [] };
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let kubernetes: TestKubernetes;
  let kafka: KafkaBroker;
  let repository: TestRepository;
  let git: GitServer;
  let hub: HubProcess;
  let env: Record<string, string>;

  const cli = async (...args: string[]): Promise<CliResult> => {
    const result = await flotilla(args, env);
    if (result.code !== 0)
      throw new Error(`flotilla ${args.join(' ')}: exit ${result.code}\n${result.stdout}${result.stderr}`);
    return result;
  };
  const greetingIn = async (cluster: TestCluster): Promise<string> =>
    (
      await cluster.kubectl(
        'get',
        'configmap',
        'greeting',
        '-n',
        'shop',
        '-o',
        'jsonpath={.data.greeting}/{.data.region}',
      )
    ).stdout;
  const everywhere = async (greeting: string): Promise<void> => {
    for (const [index, cluster] of kubernetes.clusters.entries()) {
      await eventually(async () => expect(await greetingIn(cluster)).toBe(`${greeting}/${regions[index]}`), 60_000);
    }
  };
  const inSync = async (): Promise<void> => {
    await eventually(async () => {
      const { stdout } = await cli('status', '-o', 'json');
      expect(JSON.parse(stdout)).toEqual({
        clusters: { total: 3, online: 3, pending: 0, unknown: 0 },
        targets: { total: 3, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 3 },
      });
    }, 60_000);
  };
  const writesOf = (name: string): number[] => watched[name]!.map((watch) => watch.versions().length);

  beforeAll(async () => {
    [database, kubernetes, kafka, repository] = await Promise.all([
      freshDatabase(),
      startKubernetes({ clusters: 3 }),
      startKafka(),
      makeRepository(path.join(folder, 'git', 'platform')),
    ]);
    git = await serveGit(path.join(folder, 'git'));
    hub = await HubProcess.create({
      databaseUrl: database.url,
      encryptionKey: randomBytes(32).toString('base64'),
      dataFolder: path.join(folder, 'hub'),
      env: {
        FLOTILLA_LOG_KIND: 'kafka',
        FLOTILLA_LOG_BROKERS: kafka.brokers.join(','),
        FLOTILLA_AGENTS_KAFKA_BROKERS: kafka.brokers.join(','),
        FLOTILLA_AGENTS_HEARTBEAT_SECONDS: '1',
        FLOTILLA_AGENTS_FULL_COMPARISON_SECONDS: '5',
        FLOTILLA_SOURCES_ALLOW_INSECURE_HTTP: 'true',
      },
    });
    await hub.start();
    env = {
      FLOTILLA_URL: hub.url,
      FLOTILLA_TOKEN: await tokenInDatabase(database.url, 'admin'),
      FLOTILLA_HOME: path.join(folder, 'cli'),
    };
    await repository.commit({
      'shop/namespace.yaml': namespace,
      'shop/greeting.yaml': config('hello'),
      'shop/steady.yaml': unchanging,
    });
  }, 180_000);

  afterAll(async () => {
    for (const watch of Object.values(watched).flat()) watch.stop();
    await Promise.all(agents.map((agent) => agent.kill()));
    await hub?.kill();
    await git?.close();
    await Promise.all([kafka?.stop(), kubernetes?.stop()]);
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('registers two clusters with agents of their own, and one by kubeconfig', async () => {
    for (const index of [0, 1]) {
      const cluster = kubernetes.clusters[index]!;
      const registered = await cli(
        'cluster',
        'register',
        cluster.name,
        '--region',
        regions[index]!,
        '--label',
        'tier=web',
        '-o',
        'json',
      );
      const { joinToken } = (JSON.parse(registered.stdout) as { join: { joinToken: string } }).join;
      const run = [
        'agent',
        'run',
        '--hub',
        hub.url,
        '--kubeconfig',
        cluster.kubeconfigPath,
        '--data-folder',
        path.join(folder, cluster.name),
      ];
      agents.push(flotillaInBackground(run, { FLOTILLA_JOIN_TOKEN: joinToken }));
    }
    const third = kubernetes.clusters[2]!;
    await cli(
      'cluster',
      'add',
      '--kubeconfig',
      third.kubeconfigPath,
      '--name',
      third.name,
      '--region',
      regions[2],
      '--label',
      'tier=web',
    );
    await eventually(async () => {
      const { stdout } = await cli('status', '-o', 'json');
      expect(JSON.parse(stdout)).toMatchObject({ clusters: { total: 3, online: 3 } });
    }, 60_000);
  });

  it('brings a repository to all of them', async () => {
    const file = path.join(folder, 'fleet.yaml');
    writeFileSync(file, fleet(`${git.url}/platform`));
    await cli('apply', '-f', file);
    await everywhere('hello');
    await inSync();
    for (const cluster of kubernetes.clusters) {
      for (const name of ['greeting', 'steady'])
        watched[name]!.push(await watchObject(cluster, 'configmap', 'shop', name));
    }
  });

  it('brings a commit, and takes it back with Git, each object written once for each release that changes it', async () => {
    await repository.commit({ 'shop/greeting.yaml': config('good-day') });
    await everywhere('good-day');
    await repository.revert();
    await everywhere('hello');
    await inSync();
    expect(writesOf('greeting')).toEqual([3, 3, 3]);
    expect(writesOf('steady')).toEqual([1, 1, 1]);
  });

  it('goes on where a killed hub left off', async () => {
    await repository.commit({ 'shop/greeting.yaml': config('while-away') });
    await cli('source', 'refresh', 'platform').catch(() => undefined);
    await hub.kill();
    await hub.start();
    await everywhere('while-away');
    await inSync();
    expect(writesOf('greeting')).toEqual([4, 4, 4]);
    expect(writesOf('steady')).toEqual([1, 1, 1]);
  });

  it('delivers while Kafka is away, and knows of it afterwards', async () => {
    await kafka.kill();
    await repository.commit({ 'shop/greeting.yaml': config('without-kafka') });
    await everywhere('without-kafka');
    await kafka.start();
    await inSync();
    expect(writesOf('greeting')).toEqual([5, 5, 5]);
  });

  it('puts back what was deleted by hand', async () => {
    const cluster = kubernetes.clusters[1]!;
    const { code } = await cluster.kubectl('delete', 'configmap', 'greeting', '-n', 'shop', '--wait=false');
    expect(code).toBe(0);
    await eventually(async () => expect(await greetingIn(cluster)).toBe(`without-kafka/${regions[1]}`), 60_000);
    await inSync();
  });

  it('keeps what runs when a label takes its placement away, until someone confirms', async () => {
    const cluster = kubernetes.clusters[0]!;
    await cli('cluster', 'label', cluster.name, 'tier=edge');
    await eventually(async () => {
      const { stdout } = await cli('application', 'removals', application, '-o', 'json');
      expect(stdout).toContain(cluster.name);
    });
    expect(await greetingIn(cluster)).toBe(`without-kafka/${regions[0]}`);
    await cli(
      'application',
      'removals',
      'confirm',
      application,
      '--cluster',
      cluster.name,
      '--workloads',
      'remove',
      '--yes',
    );
    await eventually(async () => expect(await greetingIn(cluster)).toBe(''), 60_000);
    expect(await greetingIn(kubernetes.clusters[1]!)).toBe(`without-kafka/${regions[1]}`);
  });
});
