import { KubernetesError } from '../port';
import { ManualClock } from './manual-clock';
import { memoryKubernetes } from './memory-kubernetes';

const configMap = (name: string, value = '1') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { a: value },
});
const reference = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name });
const options = { fieldManager: 'a', force: false };
const throttled = new KubernetesError('throttled', 'slow down', { retryAfterMs: 100 });

test('the next requests that match fail, as often as told, and change nothing', async () => {
  const api = memoryKubernetes();
  api.faults.failNext(({ verb, reference: { name } }) => verb === 'apply' && name === 'x', throttled, 2);
  await api.apply(configMap('y'), options);
  await expect(api.apply(configMap('x'), options)).rejects.toBe(throttled);
  await expect(api.apply(configMap('x'), options)).rejects.toBe(throttled);
  expect(api.peek(reference('x'))).toBeUndefined();
  await api.apply(configMap('x'), options);
});

test('an answer that is lost leaves its write behind', async () => {
  const api = memoryKubernetes();
  const lost = new KubernetesError('timeout', 'no answer');
  api.faults.loseAnswers(({ verb }) => verb === 'apply', lost);
  await expect(api.apply(configMap('x'), options)).rejects.toBe(lost);
  expect(api.peek(reference('x'))).toBeDefined();
});

test('nothing gets through a partition', async () => {
  const api = memoryKubernetes();
  api.faults.partition(true);
  await expect(api.get(reference('x'))).rejects.toMatchObject({ errorClass: 'unavailable' });
  await expect(api.apply(configMap('x'), options)).rejects.toMatchObject({ errorClass: 'unavailable' });
  api.faults.partition(false);
  expect(await api.get(reference('x'))).toBeUndefined();
});

test('requests take their time', async () => {
  const clock = new ManualClock();
  const api = memoryKubernetes({ clock, latencyMs: ({ verb }) => (verb === 'get' ? 50 : 0) });
  await api.apply(configMap('x'), options);
  let found: unknown;
  const asked = api.get(reference('x')).then((object) => (found = object));
  clock.advance(49);
  await Promise.resolve();
  expect(found).toBeUndefined();
  clock.advance(1);
  await asked;
  expect(found).toBeDefined();
});

test('counts requests, and writes that changed something', async () => {
  const api = memoryKubernetes();
  await api.apply(configMap('x'), options);
  await api.apply(configMap('x'), options);
  await api.apply(configMap('x', '2'), { ...options, dryRun: true });
  await api.get(reference('x'));
  const counted = api.faults.counters();
  expect(counted).toMatchObject({
    requests: { apply: 3, get: 1 },
    changes: { apply: 1 },
    totalRequests: 4,
    totalChanges: 1,
  });
  api.faults.resetCounters();
  expect(api.faults.counters().totalRequests).toBe(0);
});

test('who may not is forbidden, by what is told of roles', async () => {
  const api = memoryKubernetes({
    authorize: ({ as, verb }) => (as === 'reader' && verb === 'apply' ? 'reader cannot patch' : undefined),
  });
  const refused = api.apply(configMap('x'), { ...options, as: 'reader' });
  await expect(refused).rejects.toMatchObject({ errorClass: 'forbidden', message: 'reader cannot patch' });
  await api.apply(configMap('x'), { ...options, as: 'writer' });
});

test('a kind is served when its definition is established, a while after it was made', async () => {
  const clock = new ManualClock();
  const api = memoryKubernetes({ clock, establishAfterMs: 100 });
  const kind = { group: 'example.org', version: 'v1', kind: 'Widget' };
  await api.apply(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
    options,
  );
  expect(await api.resourceOf(kind)).toBeUndefined();
  clock.advance(100);
  expect(await api.resourceOf(kind)).toMatchObject({ resource: 'widgets' });
});

test('somebody edits and deletes by hand, past faults and counters', async () => {
  const api = memoryKubernetes();
  await api.apply(configMap('x'), options);
  api.faults.partition(true);
  api.edit(reference('x'), 'kubectl-edit', (object) => (object['data'] = { a: 'theirs' }));
  expect(api.peek(reference('x'))?.metadata.managedFields).toMatchObject([
    { manager: 'kubectl-edit', operation: 'Update' },
  ]);
  api.remove(reference('x'));
  expect(api.peek(reference('x'))).toBeUndefined();
  expect(api.faults.counters().totalRequests).toBe(1);
});

test('what was read is a copy', async () => {
  const api = memoryKubernetes();
  await api.apply(configMap('x'), options);
  const read = await api.get(reference('x'));
  (read!['data'] as Record<string, string>)['a'] = 'changed';
  expect((await api.get(reference('x')))?.['data']).toEqual({ a: '1' });
});
