import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { applicationSpecSchema } from '#libs/resources/application';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { startKubernetes, type TestCluster, type TestKubernetes } from '#test/harness/kubernetes';
import { openHub } from '../client/hub';
import type { CliError } from '../errors';
import { addCluster } from './add';
import { type TestIo, testIo } from './testing/test-io';

jest.setTimeout(60_000);

describe('a cluster that is added by kubeconfig', () => {
  let hub: TestHub;
  let kubernetes: TestKubernetes;
  let cluster: TestCluster;
  let second: TestCluster;
  let folder: string;
  let repository: TestRepository;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-add-'));
    [hub, kubernetes, repository] = await Promise.all([
      startTestHub({ agents: { heartbeatSeconds: 1 } }),
      startKubernetes({ clusters: 2 }),
      makeRepository(folder),
    ]);
    [cluster, second] = kubernetes.clusters as [TestCluster, TestCluster];
    const source = randomUUID();
    await repository.commit({ 'app/config.yaml': configMap('first') });
    await hub.database.execute(`INSERT INTO sources (id, name, spec) VALUES ($1, 's', $2)`, [
      source,
      JSON.stringify({ url: folder, revision: { branch: 'main' }, pollSeconds: 5 }),
    ]);
    const spec = applicationSpecSchema.parse({ source: 's', path: 'app', placement: { all: true } });
    await hub.database.execute(`INSERT INTO applications (id, name, source_id, spec) VALUES ($1, 'app', $2, $3)`, [
      randomUUID(),
      source,
      JSON.stringify(spec),
    ]);
  });
  afterAll(async () => {
    await hub?.stop();
    await kubernetes?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const configMap = (value: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: default}\ndata: {cluster: "\${cluster.name}", value: ${value}}\n`;
  const add = async (more: { name?: string; region?: string; serviceAccount?: string } = {}): Promise<TestIo> => {
    const io = testIo();
    const api = openHub({ url: hub.url, token: hub.adminToken }, io);
    const kubeconfig = cluster.kubeconfigPath;
    await addCluster({ hub: api, kubeconfig, name: 'real', region: 'eu', labels: { tier: 'web' }, ...more }, io);
    return io;
  };
  const live = async () => JSON.parse((await cluster.kubectl('get', 'configmap', 'shop', '-o', 'json')).stdout);
  const shown = async () => (await hub.request.get('/api/v1/clusters/real')).body;

  it('gets what is declared, applied as the platform account with the rights that were installed', async () => {
    const io = await add();
    expect(io.printed()).toContain('service account flotilla-system/flotilla-agent');
    expect(io.printed()).toContain('cluster/real registered');
    expect(io.printed()).toContain('flotilla cluster show real');
    expect(io.warned()).toBe('');
    await eventually(async () => expect(await live()).toMatchObject({ data: { cluster: 'real', value: 'first' } }));
    const cluster = await shown();
    expect(cluster).toMatchObject({
      metadata: { labels: { tier: 'web' } },
      spec: { region: 'eu', serviceAccount: 'flotilla-system/flotilla-platform' },
      status: { lifecycle: 'joined', connection: 'online', hosted: true },
    });
    expect(cluster.status.trouble).toBeUndefined();
  });

  it('lets the agent do what it must, and no more', async () => {
    const can = async (...what: string[]) =>
      (
        await cluster.kubectl('auth', 'can-i', '--as=system:serviceaccount:flotilla-system:flotilla-agent', ...what)
      ).stdout.trim();
    expect(await can('list', 'deployments.apps', '-A')).toBe('yes');
    expect(await can('update', 'secrets/flotilla-agent', '-n', 'flotilla-system')).toBe('yes');
    expect(await can('impersonate', 'serviceaccounts/flotilla-platform', '-n', 'flotilla-system')).toBe('yes');
    expect(await can('create', 'serviceaccounts/flotilla-agent', '--subresource=token', '-n', 'flotilla-system')).toBe(
      'yes',
    );
    expect(
      await can('create', 'serviceaccounts/flotilla-platform', '--subresource=token', '-n', 'flotilla-system'),
    ).toBe('no');
    expect(await can('impersonate', 'serviceaccounts/default', '-n', 'kube-system')).toBe('no');
    expect(await can('impersonate', 'users')).toBe('no');
    expect(await can('create', 'configmaps', '-n', 'default')).toBe('no');
    expect(await can('create', 'clusterrolebindings')).toBe('no');
    expect(await can('create', 'pods/exec', '-n', 'default')).toBe('no');
  });

  it('is added again without harm, and taken up with the new credential', async () => {
    const before = await shown();
    const version = async () =>
      (await hub.database.one<{ version: number }>('SELECT credential_version AS version FROM hosted_clusters'))
        ?.version;
    const first = await version();
    const again = await add();
    expect(again.printed()).toContain('was registered already');
    expect(await version()).toBe(first! + 1);
    expect((await shown()).metadata.id).toBe(before.metadata.id);
    await repository.commit({ 'app/config.yaml': configMap('second') });
    await eventually(async () => expect(await live()).toMatchObject({ data: { value: 'second' } }));
  });

  it('is not mistaken for another one', async () => {
    await expect(add({ region: 'us' })).rejects.toMatchObject({
      message: expect.stringContaining('in region eu, not us'),
    });
    await hub.database.execute(`UPDATE clusters SET cluster_uid = 'other' WHERE name = 'real'`);
    await expect(add()).rejects.toMatchObject({
      message: expect.stringContaining('another cluster with the name real'),
    });
    const { stdout } = await cluster.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    await hub.database.execute(`UPDATE clusters SET cluster_uid = $1 WHERE name = 'real'`, [stdout]);
    await expect(add({ serviceAccount: 'default/nobody' })).rejects.toMatchObject({
      message: expect.stringContaining('no service account default/nobody'),
    });
  });

  it('has its credential nowhere in plain', async () => {
    const rows = await hub.database.query('SELECT h.*, encode(kubeconfig_sealed, $1) AS text FROM hosted_clusters h', [
      'escape',
    ]);
    const audit = (await hub.request.get('/api/v1/audit')).body;
    expect(audit.items.map((item: { action: string }) => item.action)).toContain('cluster.host');
    const hosting = (await hub.request.get('/api/v1/clusters/real/host')).body;
    expect(hosting).toMatchObject({
      state: 'running',
      serviceAccount: 'flotilla-system/flotilla-agent',
      server: cluster.server,
    });
    const everywhere = JSON.stringify([rows, audit, hosting, await shown(), hub.logs]);
    // Header of every JWT; the token is nowhere, not even in part.
    expect(everywhere).not.toContain('eyJhbGciOi');
    expect(everywhere).not.toContain('certificate-authority-data');
    expect(everywhere).not.toContain(cluster.adminToken);
  });

  it('is left when it is deregistered, and may be added again as a new one', async () => {
    const id = (await shown()).metadata.id;
    expect((await hub.request.delete('/api/v1/clusters/real?workloads=leave')).body.state).toBe('deregistered');
    await eventually(async () => {
      const { stderr } = await cluster.kubectl('-n', 'flotilla-system', 'get', 'secret', 'flotilla-agent');
      expect(stderr).toContain('NotFound');
    });
    expect(await live()).toMatchObject({ data: { value: 'second' } });
    await add();
    expect((await shown()).metadata.id).not.toBe(id);
    await repository.commit({ 'app/config.yaml': configMap('third') });
    await eventually(async () => expect(await live()).toMatchObject({ data: { value: 'third' } }));
  });

  it('may log its caller in by a program, and may apply as an account with few rights', async () => {
    const file = (name: string, text: string) => {
      writeFileSync(path.join(folder, '.git', name), text, { mode: 0o700 });
      return path.join(folder, '.git', name);
    };
    const credential = { token: second.adminToken };
    const execCredential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: credential,
    };
    const program = file('login', `#!/bin/sh\necho '${JSON.stringify(execCredential)}'\n`);
    file('ca.crt', Buffer.from(second.caData, 'base64').toString());
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: program, interactiveMode: 'Never' };
    const kubeconfig = file(
      'kubeconfig',
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: second.server, 'certificate-authority': 'ca.crt' } }],
        users: [{ name: 'u', user: { exec } }],
        contexts: [{ name: 'arn:aws:eks:eu-west-1:1:cluster/Few_Rights', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'arn:aws:eks:eu-west-1:1:cluster/Few_Rights',
      }),
    );
    await second.kubectl('-n', 'default', 'create', 'serviceaccount', 'deployer');
    const inDefault = (...args: string[]) => second.kubectl('-n', 'default', 'create', ...args);
    await inDefault('role', 'deployer', '--verb=create,patch', '--resource=configmaps');
    await inDefault('rolebinding', 'deployer', '--role=deployer', '--serviceaccount=default:deployer');
    const io = testIo({ env: { KUBECONFIG: `/nowhere${path.delimiter}${kubeconfig}` } });
    const api = openHub({ url: hub.url, token: hub.adminToken }, io);
    await addCluster({ hub: api, region: 'eu', labels: {}, serviceAccount: 'default/deployer' }, io);
    expect(io.printed()).toContain('cluster/few-rights is online');
    await eventually(async () => {
      const { stdout } = await second.kubectl('get', 'configmap', 'shop', '-o', 'jsonpath={.data.cluster}');
      expect(stdout).toBe('few-rights');
    });
    await eventually(async () => {
      const [status] = await hub.database.query(
        `SELECT phase, health, drifted FROM target_status s JOIN clusters c ON c.id = s.cluster_id WHERE c.name = 'few-rights'`,
      );
      expect(status).toEqual({ phase: 'applied', health: 'healthy', drifted: 0 });
    });
    expect((await second.kubectl('get', 'serviceaccount', '-n', 'flotilla-system', '-o', 'name')).stdout).not.toContain(
      'platform',
    );
  });

  it('needs a cluster admin, and says what is missing before it changes anything', async () => {
    await second.kubectl('-n', 'default', 'create', 'serviceaccount', 'weak');
    const { stdout } = await second.kubectl('-n', 'default', 'create', 'token', 'weak');
    await second.kubectl('create', 'clusterrolebinding', 'weak', '--clusterrole=view', '--serviceaccount=default:weak');
    const config = JSON.parse(JSON.stringify(parse(second.kubeconfig)));
    config.users[0].user = { token: stdout.trim() };
    writeFileSync(path.join(folder, '.git', 'weak'), JSON.stringify(config));
    const io = testIo({ cwd: path.join(folder, '.git') });
    const api = openHub({ url: hub.url, token: hub.adminToken }, io);
    const adding = addCluster({ hub: api, kubeconfig: 'weak', name: 'weak', region: 'eu', labels: {} }, io);
    const refusal = await adding.catch((error: CliError) => error.text());
    expect(refusal).toContain('may not create clusterroles.rbac.authorization.k8s.io');
    expect(refusal).toContain('cluster admin');
    expect((await hub.request.get('/api/v1/clusters/weak')).status).toBe(404);
  });

  it('can also have an agent of its own: the manifests fit the same rights', async () => {
    const deploy = path.join(__dirname, '../../../deploy');
    for (const file of ['agent/rbac.yaml', 'agent/agent.yaml', 'hub/hub.yaml']) {
      const args = [
        'apply',
        '--server-side',
        '--force-conflicts',
        '--warnings-as-errors',
        '-f',
        path.join(deploy, file),
      ];
      expect(await second.kubectl(...args)).toMatchObject({ code: 0 });
      await second.kubectl(
        'label',
        'namespace',
        'flotilla-system',
        'flotilla',
        'pod-security.kubernetes.io/warn=restricted',
      );
      expect(await second.kubectl(...args)).toMatchObject({ code: 0 });
    }
  });
});
