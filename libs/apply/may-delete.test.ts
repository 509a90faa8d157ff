import type { KubernetesObject, ObjectMeta } from '#libs/kubernetes/object';
import type { InventoryEntry } from './inventory-entry';
import { mayDelete } from './may-delete';

const entry: InventoryEntry = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'web',
  name: 'api',
  uid: 'u-1',
  digest: 'd',
};

function live(metadata: Partial<ObjectMeta> = {}, more: Partial<KubernetesObject> = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    ...more,
    metadata: {
      name: 'api',
      namespace: 'web',
      uid: 'u-1',
      labels: { 'flotilla.dev/application': 'shop' },
      ...metadata,
    },
  };
}

const owner = { apiVersion: 'example.com/v1', kind: 'Shop', name: 'shop', uid: 'o-1' };

describe('mayDelete', () => {
  it('allows what we applied and nobody has taken over', () => {
    expect(mayDelete(entry, live())).toEqual({ allowed: true });
    expect(mayDelete(entry, live(), 'shop')).toEqual({ allowed: true });
  });

  it('allows it under another served version, and beside an owner that is no controller', () => {
    expect(mayDelete(entry, live({ ownerReferences: [owner] }, { apiVersion: 'apps/v1beta2' }))).toEqual({
      allowed: true,
    });
  });

  it.each<[string, KubernetesObject | undefined, string, string]>([
    ['a missing object', undefined, 'gone', 'not there any more'],
    ['another object', live({ name: 'other' }), 'anotherObject', 'Deployment web/other'],
    ['a recreated object', live({ uid: 'u-2' }), 'anotherUid', 'its UID is u-2, ours was u-1'],
    ['an object without UID', live({ uid: undefined }), 'anotherUid', 'UID'],
    ['one that is terminating', live({ deletionTimestamp: '2026-01-01T00:00:00Z' }), 'terminating', 'already'],
    ['one without labels', live({ labels: undefined }), 'unlabelled', 'flotilla.dev/application'],
    ['one without our label', live({ labels: { app: 'api' } }), 'unlabelled', 'flotilla.dev/application'],
    ['one that a controller owns', live({ ownerReferences: [{ ...owner, controller: true }] }), 'owned', 'Shop shop'],
    ['one that is kept', live({ annotations: { 'flotilla.dev/prune': 'disabled' } }), 'kept', 'flotilla.dev/prune'],
  ])('refuses %s', (_, object, reason, message) => {
    expect(mayDelete(entry, object)).toEqual({ allowed: false, reason, message: expect.stringContaining(message) });
  });

  it('refuses what carries the label of another application', () => {
    expect(mayDelete(entry, live(), 'billing')).toMatchObject({ allowed: false, reason: 'anotherApplication' });
  });

  it('refuses where the UID was never learnt, even if the object has none', () => {
    expect(mayDelete({ ...entry, uid: '' }, live({ uid: '' }))).toMatchObject({ allowed: false, reason: 'anotherUid' });
  });
});
