import { startKubernetes, type TestKubernetes } from '#test/harness/kubernetes';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import { startAgent } from './agent';
import { realKubernetes } from './kubernetes/real/real-kubernetes';
import type { KubernetesApi } from './kubernetes/port';
import type { RunningAgent } from './running';
import { FakeHub } from './testing/fake-hub';
import { application, eventually, otherApplication } from './testing/fixtures';

/** What only a real API server can show: its defaults, its conflicts, its client-side apply, its impersonation. */
describe('an agent on a real API server', () => {
  let servers: TestKubernetes;
  let api: KubernetesApi;
  let agent: RunningAgent | undefined;
  const hub = new FakeHub();
  hub.serviceAccount = 'flotilla-system/flotilla-platform';

  beforeAll(async () => {
    servers = await startKubernetes({ clusters: 1 });
    api = realKubernetes({ kubeconfig: servers.clusters[0]!.kubeconfig });
    await start();
  }, 600_000);
  afterAll(async () => {
    await agent?.stop();
    await api?.close();
    await servers?.stop();
  });

  const cluster = () => servers.clusters[0]!;

  async function start(): Promise<void> {
    agent = await startAgent({
      kubernetes: api,
      hubUrl: 'https://hub.example',
      joinToken: hub.joinToken,
      gatewayTo: hub.gateway,
      bootstrap: true,
    });
  }

  async function release(...args: Parameters<FakeHub['release']>): Promise<void> {
    const { generation } = hub.release(...args);
    await eventually(
      `release ${generation}`,
      () => {
        const said = hub.said(application);
        return said?.generation === generation && ['applied', 'failed'].includes(said.phase);
      },
      20_000,
    );
  }

  const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'real' } };
  const meta = (name: string) => ({ name, namespace: 'real' });

  /** With all the spellings that an API server changes, and lists that it fills with defaults. */
  function workload(image = 'nginx:1'): KubernetesObject[] {
    const container = {
      name: 'web',
      image,
      env: [{ name: 'A', value: '1' }],
      ports: [{ containerPort: 80 }],
      resources: { requests: { cpu: '1000m', memory: '1024Mi' } },
    };
    return [
      namespace,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: meta('web'),
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta('web'),
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: meta('token'), stringData: { token: 'plain' } },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'boats.harbour.example' },
        spec: {
          group: 'harbour.example',
          scope: 'Namespaced',
          names: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'object',
                      properties: { sails: { type: 'integer' }, flag: { type: 'string', default: 'de' } },
                    },
                  },
                },
              },
            },
          ],
        },
      },
      { apiVersion: 'harbour.example/v1', kind: 'Boat', metadata: meta('tug'), spec: { sails: 2 } },
    ];
  }

  async function versions(): Promise<Record<string, string>> {
    const { stdout } = await cluster().kubectl(
      'get',
      'ns,deploy,svc,secret,crd,boats.harbour.example,cm',
      '-A',
      '-l',
      applicationLabel,
      '-o',
      'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion} {end}',
    );
    return Object.fromEntries(
      stdout
        .trim()
        .split(' ')
        .map((pair) => pair.split('=') as [string, string]),
    );
  }

  it('applies namespaces, definitions and what needs them in one go', async () => {
    await release({ [application]: { objects: workload() } });
    expect(hub.said(application)).toMatchObject({ phase: 'applied', objects: { total: 6, applied: 6, failed: 0 } });
  }, 60_000);

  it('finds no drift in what the API server made of it, also after a restart, and writes nothing', async () => {
    const before = await versions();
    expect(Object.keys(before)).toHaveLength(6);
    await agent!.compareNow();
    expect(agent!.state().targets[0]).toMatchObject({ drifted: 0, corrected: 0, errors: [] });
    await agent!.stop();
    await start();
    await eventually('looked', () => agent!.state().targets[0]?.phase === 'applied', 10_000);
    await agent!.compareNow();
    expect(agent!.state().targets[0]).toMatchObject({ drifted: 0, corrected: 0, errors: [] });
    expect(await versions()).toEqual(before);
  }, 60_000);

  it('writes the one object that a release changes', async () => {
    const before = await versions();
    await release({ [application]: { objects: workload('nginx:2') } });
    const after = await versions();
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['Deployment/web']);
  }, 60_000);

  it('puts back what was changed and deleted by hand, with the real kubectl', async () => {
    await cluster().kubectl('-n', 'real', 'set', 'image', 'deployment/web', 'web=nginx:evil');
    await cluster().kubectl('-n', 'real', 'delete', 'service', 'web');
    await cluster().kubectl('-n', 'real', 'scale', 'deployment/web', '--replicas=3');
    await agent!.compareNow();
    const image = '-o=jsonpath={.spec.template.spec.containers[0].image} {.spec.replicas}';
    expect((await cluster().kubectl('-n', 'real', 'get', 'deployment', 'web', image)).stdout).toBe('nginx:2 3');
    expect((await cluster().kubectl('-n', 'real', 'get', 'service', 'web')).code).toBe(0);
    expect(agent!.state().targets[0]).toMatchObject({ drifted: 0, corrected: 2 });
  }, 60_000);

  it('takes back a field of its own when a release changes it, though the policy is to fail', async () => {
    await cluster().kubectl('-n', 'real', 'set', 'image', 'deployment/web', 'web=nginx:evil');
    await release({ [application]: { objects: workload('nginx:3') } });
    expect(hub.said(application)).toMatchObject({ phase: 'applied', errors: [] });
  }, 60_000);

  it('names the manager of a field that was never its own', async () => {
    const manifest = (value: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('foreign'), data: { key: value } });
    await cluster().kubectlWithInput(manifest('theirs'), 'apply', '--server-side', '--field-manager=helm', '-f', '-');
    const ours = JSON.parse(manifest('ours')) as KubernetesObject;
    await release({ [application]: { objects: [...workload('nginx:3'), ours] } });
    expect(hub.said(application)).toMatchObject({ phase: 'failed', objects: { failed: 1 } });
    expect(hub.said(application)?.errors[0]?.message).toMatch(/^helm owns \.data\.key: take the fields out/);
    await release({ [application]: { objects: workload('nginx:3') } });
  }, 60_000);

  it('adopts what people applied with kubectl before, and drops what has left the manifest', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('adopted'),
      data: { key: 'old', left: 'behind' },
    };
    await cluster().kubectlWithInput(JSON.stringify(manifest), 'apply', '-f', '-');
    const ours = { ...manifest, data: { key: 'new' } };
    await release({ [application]: { objects: [...workload('nginx:3'), ours] } });
    expect(hub.said(application)).toMatchObject({ phase: 'applied' });
    const live = await api.get({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'real', name: 'adopted' });
    expect(live?.data).toEqual({ key: 'new' });
    expect(live?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toBeUndefined();
    expect(live?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['flotilla']);
  }, 60_000);

  it('moves and prunes', async () => {
    const moved = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('adopted'), data: { key: 'new' } };
    const uidOf = async (name: string) =>
      (await cluster().kubectl('-n', 'real', 'get', 'cm', name, '-o=jsonpath={.metadata.uid}')).stdout;
    const uid = await uidOf('adopted');
    await release({
      [application]: { objects: workload('nginx:3').filter(({ kind }) => kind !== 'Secret') },
      [otherApplication]: { objects: [moved] },
    });
    await eventually('moved', () => hub.said(otherApplication)?.phase === 'applied', 10_000);
    expect(await uidOf('adopted')).toBe(uid);
    expect((await cluster().kubectl('-n', 'real', 'get', 'secret', 'token')).code).toBe(1);
  }, 60_000);
});
