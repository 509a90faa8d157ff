import { sharedKubernetes, type TestCluster } from '#test/harness/kubernetes';
import { eventually, expectClass } from '../contract/world';
import type { KubernetesApi } from '../port';
import { realKubernetes } from './real-kubernetes';

jest.setTimeout(120_000);

describe('a real API server', () => {
  let cluster: TestCluster;
  let api: KubernetesApi;
  const namespace = `real-${Date.now().toString(36)}`;
  const configMap = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { a: '1' },
  });

  beforeAll(async () => {
    cluster = (await sharedKubernetes({ controllers: true })).clusters[1]!;
    api = realKubernetes({ kubeconfig: cluster.kubeconfig });
    await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });
  afterAll(() => api.close());

  test('what is applied in the name of a service account is refused until a role allows it', async () => {
    const as = `system:serviceaccount:${namespace}:deployer`;
    const options = { fieldManager: 'flotilla', force: true, as };
    const error = await expectClass(api.apply(configMap('impersonated'), options), 'forbidden');
    expect(error.message).toContain(as);
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'deployer', namespace },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'patch', 'delete'] }],
    };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'deployer', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    };
    await api.apply(role, { fieldManager: 'test', force: false });
    await api.apply(binding, { fieldManager: 'test', force: false });
    const applied = await eventually(() => api.apply(configMap('impersonated'), options).catch(() => undefined));
    await api.delete(
      { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'impersonated' },
      { uid: applied.metadata.uid!, as },
    );
    expect(
      await api.get({ group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'impersonated' }),
    ).toBeUndefined();
  });

  test('a token that nobody has is unauthorized', async () => {
    const stranger = realKubernetes({ kubeconfig: kubeconfigOf('not-a-token') });
    await expectClass(stranger.serverVersion(), 'unauthorized');
    await stranger.close();
  });

  test('a bearer token is enough', async () => {
    const other = realKubernetes({ kubeconfig: kubeconfigOf(cluster.adminToken) });
    expect(await other.serverVersion()).toBe(await api.serverVersion());
    await other.close();
  });

  test('a server whose certificate is of another authority is unavailable', async () => {
    const config = { ...configOf(cluster.adminToken) };
    config.clusters[0]!.cluster = { server: cluster.server };
    const other = realKubernetes({ kubeconfig: JSON.stringify(config) });
    await expectClass(other.serverVersion(), 'unavailable');
    await other.close();
  });

  test('lists are read in pages', async () => {
    const names = Array.from({ length: 520 }, (_, index) => `page-${String(index).padStart(3, '0')}`);
    for (let start = 0; start < names.length; start += 40) {
      await Promise.all(names.slice(start, start + 40).map((name) => api.create({ ...configMap(name), data: {} })));
    }
    const found = await api.list({ group: '', version: 'v1', kind: 'ConfigMap' }, { namespace });
    expect(found.map((object) => object.metadata.name).filter((name) => name.startsWith('page-'))).toEqual(names);
  });

  test('a namespace that is being deleted is notFound for what would be new in it', async () => {
    const name = `${namespace}-ending`;
    const created = await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const held = {
      ...configMap('held'),
      metadata: { name: 'held', namespace: name, finalizers: ['example.org/hold'] },
    };
    const object = await api.create(held);
    await api.delete(
      { group: '', version: 'v1', kind: 'Namespace', namespace: '', name },
      { uid: created.metadata.uid! },
    );
    const late = { ...configMap('late'), metadata: { name: 'late', namespace: name } };
    const error = await expectClass(api.apply(late, { fieldManager: 'a', force: false }), 'notFound');
    expect(error.details.status).toBe(403);
    const current = await api.get({ group: '', version: 'v1', kind: 'ConfigMap', namespace: name, name: 'held' });
    await api.replace({ ...object, ...current, metadata: { ...current!.metadata, finalizers: [] } });
  });

  function configOf(token: string) {
    return {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        { name: 'c', cluster: { server: cluster.server, 'certificate-authority-data': cluster.caData } as object },
      ],
      users: [{ name: 'u', user: { token } }],
    };
  }

  function kubeconfigOf(token: string): string {
    return JSON.stringify(configOf(token));
  }
});
