import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '#src/cli/run';
import { memoryIo } from '#src/cli/testing/memory-io';
import { freePort } from '#src/embedded/ports';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { startKubernetes, type TestKubernetes } from '#test/harness/kubernetes';

const root = path.join(__dirname, '..', '..');
const account = 'system:serviceaccount:flotilla-system:flotilla-agent';

/** The agent as people run it, with exactly the rights that its manifest gives, against a real API server. */
describe('an agent under the role of its manifest', () => {
  let folder: string;
  let kubernetes: TestKubernetes;
  let hub: TestHub;
  let repository: TestRepository;
  let agent: ChildProcess;
  let log = '';
  let healthPort: number;

  const configMap = (name: string, value: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
  const deployment =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: web}}\n' +
    '  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n';

  async function kubectl(...args: string[]): Promise<string> {
    const { stdout, stderr, code } = await kubernetes.clusters[0]!.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  async function cli(command: string): Promise<string> {
    const env = { FLOTILLA_URL: hub.url, FLOTILLA_TOKEN: hub.adminToken, FLOTILLA_HOME: '/nowhere' };
    const io = memoryIo({ env, fetch: (request) => fetch(request) });
    const code = await runCli(command.split(' '), io);
    const { out, err } = io.taken();
    if (code !== 0) throw new Error(err);
    return out;
  }
  const value = (name: string) => kubectl('-n', 'shop', 'get', 'configmap', name, '-o', 'jsonpath={.data.value}');
  const exists = async (kind: string, name: string): Promise<boolean> =>
    (await kubectl('-n', 'shop', 'get', kind, name, '--ignore-not-found', '-o', 'name')) !== '';
  const push = async (files: Record<string, string | null>): Promise<void> => {
    await repository.commit(files);
    await hub.request.post('/api/v1/sources/shop/refresh').expect(202);
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-least-'));
    execFileSync('node', [path.join(root, 'scripts', 'build.js')], { stdio: 'pipe' });
    [kubernetes, repository, hub, healthPort] = await Promise.all([
      startKubernetes({ clusters: 1 }),
      makeRepository(path.join(folder, 'repository')),
      // Drift is found by watching: the next full comparison is far away.
      startTestHub({ agents: { heartbeatSeconds: 1, fullComparisonSeconds: 86_400 } }),
      freePort(),
    ]);
    await cli('cluster register fra-1 --region eu --service-account flotilla-system/flotilla-platform');
    const cluster = kubernetes.clusters[0]!;
    const applied = await cluster.kubectlWithInput(await cli('agent manifest fra-1'), 'apply', '-f', '-');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(applied.stdout).toMatch(/deployment\.apps\/flotilla-agent created/);

    await kubectl('create', 'namespace', 'shop');
    // What its pod would have: the token of the account, and the join token from the Secret.
    const token = (await kubectl('-n', 'flotilla-system', 'create', 'token', 'flotilla-agent')).trim();
    const secret = await kubectl(
      '-n',
      'flotilla-system',
      'get',
      'secret',
      'flotilla-join',
      '-o',
      'jsonpath={.data.token}',
    );
    const kubeconfig = path.join(folder, 'kubeconfig');
    const entry = { name: 'agent' };
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'agent',
        contexts: [{ ...entry, context: { cluster: 'agent', user: 'agent' } }],
        clusters: [{ ...entry, cluster: { server: cluster.server, 'certificate-authority-data': cluster.caData } }],
        users: [{ ...entry, user: { token } }],
      }),
    );
    const args = ['agent', 'run', '--no-bootstrap', '--kubeconfig', kubeconfig, '--health-port', String(healthPort)];
    agent = spawn(process.execPath, [path.join(root, 'scripts', 'flotilla.js'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        FLOTILLA_HUB_URL: hub.url,
        FLOTILLA_JOIN_TOKEN: Buffer.from(secret, 'base64').toString(),
      },
    });
    agent.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
    await repository.commit({
      'app/a.yaml': configMap('a', '1'),
      'app/b.yaml': configMap('b', '1'),
      'app/web.yaml': deployment,
      // One of many: a fifth of what there is may go without being asked.
      'app/more.yaml': ['c', 'd', 'e', 'f', 'g'].map((name) => configMap(name, '1')).join('---\n'),
    });
    const source = { metadata: { name: 'shop' }, spec: { url: path.join(folder, 'repository') } };
    await hub.request.post('/api/v1/sources').send(source).expect(201);
    const spec = { source: 'shop', path: 'app', namespace: 'shop', placement: { all: true } };
    await hub.request
      .put('/api/v1/applications/shop')
      .send({ metadata: { name: 'shop' }, spec })
      .expect(201);
  }, 120_000);

  afterAll(async () => {
    if (agent !== undefined && agent.exitCode === null) {
      agent.kill('SIGTERM');
      await once(agent, 'exit');
    }
    await hub?.stop();
    await kubernetes?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('may change nothing by itself but its own books', async () => {
    const mayI = async (...what: string[]) =>
      (await kubernetes.clusters[0]!.kubectl('auth', 'can-i', ...what, `--as=${account}`)).stdout.trim();
    expect(await mayI('create', 'deployments.apps', '-n', 'shop')).toBe('no');
    expect(await mayI('delete', 'namespaces')).toBe('no');
    expect(await mayI('create', 'configmaps', '-n', 'default')).toBe('no');
    expect(await mayI('impersonate', 'serviceaccounts', '-n', 'kube-system')).toBe('no');
    expect(await mayI('impersonate', 'users')).toBe('no');
    expect(await mayI('update', 'secrets', '-n', 'flotilla-system')).toBe('yes');
  }, 60_000);

  it('joins and creates what is declared', async () => {
    await eventually(async () => {
      expect([await exists('configmap', 'a'), await exists('deployment', 'web')]).toEqual([true, true]);
      expect(await value('b')).toBe('1');
    }, 60_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${log.slice(-4_000)}`);
    });
    await eventually(async () => {
      const { body } = await hub.request.get('/api/v1/clusters/fra-1');
      expect(body.status).toMatchObject({ lifecycle: 'joined', connection: 'online' });
      expect(body.status.trouble).toBeUndefined();
    });
  }, 90_000);

  it('answers the probes of its pod', async () => {
    const ask = async (what: string) => await fetch(`http://127.0.0.1:${healthPort}/${what}`);
    expect((await ask('healthz')).status).toBe(200);
    await eventually(async () => expect((await ask('readyz')).status).toBe(200));
    expect(await (await ask('metrics')).text()).toMatch(/flotilla_agent_connected 1/);
  }, 60_000);

  it('changes what a commit changes, and puts back what drifts', async () => {
    await push({ 'app/a.yaml': configMap('a', '2') });
    await eventually(async () => expect(await value('a')).toBe('2'), 60_000);
    await kubectl('-n', 'shop', 'patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"value":"drift"}}');
    await kubectl('-n', 'shop', 'delete', 'deployment', 'web');
    await eventually(async () => {
      expect([await value('a'), await exists('deployment', 'web')]).toEqual(['2', true]);
    }, 60_000);
  }, 150_000);

  it('deletes what has left the release, and in the end all of it', async () => {
    await push({ 'app/b.yaml': null });
    await eventually(async () => expect(await exists('configmap', 'b')).toBe(false), 60_000);
    await cli('application delete shop --workloads remove --yes');
    await eventually(async () => {
      expect([await exists('configmap', 'a'), await exists('deployment', 'web')]).toEqual([false, false]);
      expect((await hub.request.get('/api/v1/applications/shop')).status).toBe(404);
    }, 60_000);
    expect(log).not.toMatch(/forbidden/i);
  }, 150_000);

  it('prints no other token once it has joined, but for one who asks', async () => {
    expect(await cli('agent manifest fra-1')).not.toContain('kind: Secret');
    expect(await cli('agent manifest fra-1 --rejoin --hub https://hub.example')).toMatch(
      /token: fj1\.[\s\S]*https:\/\/hub\.example/,
    );
  });
});
