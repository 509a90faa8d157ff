import type { KubernetesObject } from '#libs/kubernetes/object';
import { ManualClock } from './manual-clock';
import { memoryKubernetes } from './memory-kubernetes';

const options = { fieldManager: 'flotilla', force: false };
const reference = (kind: string, group = '') => ({ group, version: 'v1', kind, namespace: 'default', name: 'web' });

function deployment(image: string, replicas = 2): KubernetesObject {
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

function start() {
  const clock = new ManualClock();
  const api = memoryKubernetes({ clock, controllers: { readyAfterMs: () => 1000, deadlineMs: 5000 } });
  const status = (kind: string, group = '') =>
    api.peek(reference(kind, group))?.['status'] as Record<string, unknown> | undefined;
  const condition = (type: string) =>
    (status('Deployment', 'apps')?.['conditions'] as Record<string, string>[]).find((each) => each['type'] === type);
  return { clock, api, status, condition };
}

test('a Deployment progresses, and becomes available after its time', async () => {
  const { clock, api, status, condition } = start();
  await api.apply(deployment('web:1'), options);
  expect(status('Deployment', 'apps')).toMatchObject({
    observedGeneration: 1,
    updatedReplicas: 2,
    unavailableReplicas: 2,
  });
  expect(condition('Available')).toMatchObject({ status: 'False' });
  expect(api.busy()).toBe(1);
  clock.advance(1000);
  expect(status('Deployment', 'apps')).toMatchObject({ observedGeneration: 1, readyReplicas: 2, availableReplicas: 2 });
  expect(condition('Available')).toMatchObject({ status: 'True' });
  expect(condition('Progressing')).toMatchObject({ reason: 'NewReplicaSetAvailable' });
  expect([api.busy(), clock.pending]).toEqual([0, 0]);
});

test('the status belongs to the controller manager, and the specification stays the applier’s', async () => {
  const { clock, api } = start();
  const first = await api.apply(deployment('web:1'), options);
  clock.advance(1000);
  const settled = await api.apply(deployment('web:1'), options);
  expect(settled.metadata.generation).toBe(first.metadata.generation);
  expect(settled.metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toEqual([
    ['flotilla', undefined],
    ['kube-controller-manager', 'status'],
  ]);
});

test('a new image begins anew, also while the last one is on its way', async () => {
  const { clock, api, status } = start();
  await api.apply(deployment('web:1'), options);
  clock.advance(900);
  await api.apply(deployment('web:2'), options);
  clock.advance(900);
  expect(status('Deployment', 'apps')).toMatchObject({ observedGeneration: 2, unavailableReplicas: 2 });
  clock.advance(100);
  expect(status('Deployment', 'apps')).toMatchObject({ observedGeneration: 2, availableReplicas: 2 });
});

test('a bad image never becomes ready, and the deadline says so', async () => {
  const { clock, api, condition } = start();
  await api.apply(deployment('web:bad-1'), options);
  clock.advance(4999);
  expect(condition('Progressing')).toMatchObject({ status: 'True' });
  clock.advance(1);
  expect(condition('Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  expect(clock.pending).toBe(0);
  await api.apply(deployment('web:1'), options);
  clock.advance(1000);
  expect(condition('Available')).toMatchObject({ status: 'True' });
});

test('what is deleted leaves no timer behind', async () => {
  const { clock, api } = start();
  const { metadata } = await api.apply(deployment('web:1'), options);
  await api.delete(reference('Deployment', 'apps'), { uid: metadata.uid! });
  expect([api.busy(), clock.pending]).toEqual([0, 0]);
});

test('balanced services get an address, claims a volume, pods and jobs end well', async () => {
  const { clock, api, status } = start();
  const metadata = { name: 'web', namespace: 'default' };
  const containers = [{ name: 'web', image: 'web:1' }];
  await api.apply(
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } },
    options,
  );
  const resources = { requests: { storage: '2Gi' } };
  const claim = { accessModes: ['ReadWriteOnce'], resources };
  await api.apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: claim }, options);
  await api.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } }, options);
  await api.apply(
    { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec: { containers } } } },
    options,
  );
  expect(status('Pod')).toMatchObject({ phase: 'Pending' });
  clock.advance(1000);
  expect(status('Service')).toMatchObject({
    loadBalancer: { ingress: [{ ip: expect.stringMatching(/^203\.0\.113\./) }] },
  });
  expect(status('PersistentVolumeClaim')).toMatchObject({ phase: 'Bound', capacity: { storage: '2Gi' } });
  expect(status('Pod')).toMatchObject({ phase: 'Running' });
  expect(status('Job', 'batch')).toMatchObject({ succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] });
});
