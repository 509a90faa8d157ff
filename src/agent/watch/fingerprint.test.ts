import type { ObjectMeta } from '#libs/kubernetes/object';
import { fingerprintOf } from './fingerprint';

describe('the fingerprint of metadata', () => {
  const deployment: ObjectMeta = {
    name: 'web',
    uid: 'u',
    generation: 3,
    resourceVersion: '10',
    labels: { app: 'web' },
    managedFields: [{ manager: 'flotilla', operation: 'Apply', time: 't1' }],
  };
  const isSame = (change: Partial<ObjectMeta>, of = deployment) =>
    fingerprintOf({ ...of, ...change }) === fingerprintOf(of);

  it('stays when only the status was written', () => {
    const status = { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status', time: 't2' };
    const managedFields = [...(deployment.managedFields ?? []), status];
    expect(isSame({ resourceVersion: '11', managedFields })).toBe(true);
  });

  it('changes with the specification, with metadata, and with who owns what', () => {
    expect(isSame({ generation: 4 })).toBe(false);
    expect(isSame({ labels: {} })).toBe(false);
    expect(isSame({ uid: 'other' })).toBe(false);
    expect(isSame({ deletionTimestamp: 'now' })).toBe(false);
    expect(isSame({ managedFields: [{ manager: 'somebody', operation: 'Update', time: 't1' }] })).toBe(false);
  });

  it('changes with every write where the server counts no generations', () => {
    const { generation: _, ...configMap } = deployment;
    expect(isSame({ resourceVersion: '11' }, configMap)).toBe(false);
  });
});
