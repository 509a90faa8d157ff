import { mergeKubeconfigs } from './merge';
import { clusterNameFrom } from './name';

describe('several kubeconfigs', () => {
  it('are one, as kubectl reads them: the first wins, and file names are absolute', () => {
    const merged = mergeKubeconfigs([
      {
        path: '/home/a/.kube/one',
        text: 'clusters: [{name: c, cluster: {server: "https://one", certificate-authority: ca.crt}}]',
      },
      {
        path: '/home/a/two',
        text: 'current-context: x\nclusters: [{name: c, cluster: {server: "https://two"}}]\nusers: [{name: u, user: {tokenFile: /t}}]',
      },
    ]);
    if (!merged.ok) throw new Error(merged.message);
    expect(JSON.parse(merged.text)).toMatchObject({
      clusters: [{ name: 'c', cluster: { server: 'https://one', 'certificate-authority': '/home/a/.kube/ca.crt' } }],
      users: [{ name: 'u', user: { tokenFile: '/t' } }],
      contexts: [],
      'current-context': 'x',
    });
  });

  it('are refused with the file that cannot be read, and without its text', () => {
    const merged = mergeKubeconfigs([{ path: '/a', text: 'token: [hunter2' }]);
    expect(merged).toEqual({ ok: false, message: '/a is no valid YAML or JSON' });
  });
});

it.each([
  ['minikube', 'minikube'],
  ['kind-shop', 'kind-shop'],
  ['arn:aws:eks:eu-west-1:123456789012:cluster/Shop_1', 'shop-1'],
  ['gke_my-project_europe-west1_shop', 'shop'],
  ['admin@shop.example.com', 'shop-example-com'],
  ['***', undefined],
])('a cluster is named after its context: %s → %s', (context, name) => expect(clusterNameFrom(context)).toBe(name));
