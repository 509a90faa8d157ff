import type { KubernetesObject } from '#libs/kubernetes/object';
import { toleratingNamespaces } from './cluster-scoped';
import { memoryKubernetes } from './memory/memory-kubernetes';

const definition = (scope: 'Cluster' | 'Namespaced'): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'issuers.example.com' },
  spec: {
    group: 'example.com',
    scope,
    names: { plural: 'issuers', singular: 'issuer', kind: 'Issuer', listKind: 'IssuerList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});
const issuer: KubernetesObject = {
  apiVersion: 'example.com/v1',
  kind: 'Issuer',
  metadata: { name: 'a', namespace: 'default' },
  spec: { x: 1 },
};
const reference = { group: 'example.com', version: 'v1', kind: 'Issuer', namespace: 'default', name: 'a' };
const options = { fieldManager: 'flotilla', force: false };

describe('custom kinds that live in no namespace', () => {
  it('are applied, read and deleted under the identity that the hub gave them', async () => {
    const memory = memoryKubernetes();
    const api = toleratingNamespaces(memory);
    await api.create(definition('Cluster'));
    const live = await api.apply(issuer, options);
    expect(live.metadata.namespace).toBe('default');
    expect(memory.peek({ ...reference, namespace: '' })?.metadata.namespace).toBeUndefined();
    expect((await api.get(reference))?.metadata).toMatchObject({ namespace: 'default', uid: live.metadata.uid });
    await api.delete(reference, { uid: live.metadata.uid! });
    expect(await api.get(reference)).toBeUndefined();
    await memory.close();
  });

  it('leaves kinds alone that live in namespaces', async () => {
    const memory = memoryKubernetes();
    const api = toleratingNamespaces(memory);
    await api.create(definition('Namespaced'));
    await api.apply(issuer, options);
    expect(memory.peek(reference)?.metadata.namespace).toBe('default');
    await memory.close();
  });
});
