import { type ContractWorld, errorOf, eventually, expectClass } from './world';

/** Reading, creating, replacing and deleting. */
export function describeBasics(world: () => ContractWorld): void {
  test('says its version as the server does', async () => {
    expect(await world().api.serverVersion()).toMatch(/^v1\.\d+\.\d+/);
  });

  test('knows how built-in kinds are served', async () => {
    const { api } = world();
    const deployment = await api.resourceOf({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect(deployment).toMatchObject({ resource: 'deployments', namespaced: true });
    expect(deployment?.verbs).toEqual(expect.arrayContaining(['get', 'list', 'patch', 'create', 'update', 'delete']));
    const role = await api.resourceOf({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' });
    expect(role).toMatchObject({ resource: 'clusterroles', namespaced: false });
    const claim = await api.resourceOf({ group: '', version: 'v1', kind: 'PersistentVolumeClaim' });
    expect(claim).toMatchObject({ resource: 'persistentvolumeclaims', namespaced: true });
  });

  test('does not know a kind, a version or a group that is not served', async () => {
    const { api } = world();
    expect(await api.resourceOf({ group: 'apps', version: 'v1', kind: 'Nothing' })).toBeUndefined();
    expect(await api.resourceOf({ group: 'apps', version: 'v9', kind: 'Deployment' })).toBeUndefined();
    expect(await api.resourceOf({ group: 'example.org', version: 'v1', kind: 'Nothing' })).toBeUndefined();
  });

  test('reads nothing where nothing is', async () => {
    const { api, ref } = world();
    expect(await api.get(ref.call(world(), 'ConfigMap', 'nothing'))).toBeUndefined();
    expect(await api.get({ ...world().ref('ConfigMap', 'x'), namespace: 'no-such-namespace' })).toBeUndefined();
  });

  test('reads the namespaces that every cluster has, with their UIDs', async () => {
    const found = await world().api.get(world().ref('Namespace', 'kube-system'));
    expect(found?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await world().api.get(world().ref('Namespace', 'default'))).toBeDefined();
  });

  test('creates with UID, time and resource version', async () => {
    const it = world();
    const created = await it.api.create(it.configMap('made', { a: '1' }));
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(created.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(await it.api.get(it.ref('ConfigMap', 'made'))).toEqual(created);
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
  });

  test('creating what exists fails with alreadyExists', async () => {
    const it = world();
    await it.api.create(it.configMap('twice'));
    await expectClass(it.api.create(it.configMap('twice')), 'alreadyExists');
  });

  test('a missing namespace is notFound, for create and for apply', async () => {
    const it = world();
    const object = it.configMap('lost', {}, { namespace: 'no-such-namespace' });
    await expectClass(it.api.create(object), 'notFound');
    await expectClass(it.apply('a', object), 'notFound');
  });

  test('a kind that is not served is notFound', async () => {
    const it = world();
    const object = { apiVersion: 'example.org/v1', kind: 'Nothing', metadata: { name: 'x', namespace: it.namespace } };
    await expectClass(it.apply('a', object), 'notFound');
    await expectClass(it.api.create(object), 'notFound');
    await expectClass(it.api.list({ group: 'example.org', version: 'v1', kind: 'Nothing' }), 'notFound');
  });

  test('an invalid name is invalid, and says so', async () => {
    const it = world();
    const error = await expectClass(it.api.create(it.configMap('Not_A_Name')), 'invalid');
    expect(error.message).toContain('metadata.name');
    await expectClass(it.apply('a', it.configMap('Not_A_Name')), 'invalid');
  });

  test('invalid labels, missing fields and fields that the type does not have are invalid', async () => {
    const it = world();
    await expectClass(it.api.create(it.configMap('labels', {}, { labels: { app: 'no spaces' } })), 'invalid');
    const { selector: _selector, ...spec } = it.deployment('unselected')['spec'] as Record<string, unknown>;
    await expectClass(it.apply('a', { ...it.deployment('unselected'), spec }), 'invalid');
    const error = await expectClass(it.apply('a', it.deployment('typo', { replica: 1 })), 'invalid');
    expect(error.message).toContain('.spec.replica: field not declared in schema');
    await expectClass(it.api.create(it.deployment('typo', { replica: 1 })), 'invalid');
    await expectClass(it.apply('a', it.deployment('text', { replicas: 'two' })), 'invalid');
  });

  test('the selector of a Deployment cannot change', async () => {
    const it = world();
    await it.apply('a', it.deployment('fixed'));
    const labels = { app: 'other' };
    const other = it.deployment('fixed', {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    });
    const error = await expectClass(it.apply('a', other), 'invalid');
    expect(error.message).toContain('spec.selector');
  });

  test('an object beyond the limits of the server is tooLarge or invalid', async () => {
    const it = world();
    expect((await errorOf(it.apply('a', it.configMap('big', { a: 'x'.repeat(1_100_000) })))).errorClass).toBe(
      'invalid',
    );
    expect((await errorOf(it.apply('a', it.configMap('big', { a: 'x'.repeat(3_500_000) })))).errorClass).toBe(
      'tooLarge',
    );
  });

  test('replaces by compare-and-swap', async () => {
    const it = world();
    const first = await it.api.create(it.configMap('swap', { a: '1' }));
    const second = await it.api.replace({ ...first, data: { a: '2' } });
    expect(second['data']).toEqual({ a: '2' });
    expect(second.metadata.uid).toBe(first.metadata.uid);
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    const error = await expectClass(it.api.replace({ ...first, data: { a: '3' } }), 'conflict');
    expect(error.details.conflicts ?? []).toEqual([]);
    expect((await it.api.get(it.ref('ConfigMap', 'swap')))?.['data']).toEqual({ a: '2' });
  });

  test('replaces without a resource version whatever is there, and fails with notFound where nothing is', async () => {
    const it = world();
    await it.api.create(it.configMap('plain', { a: '1' }));
    await it.api.replace(it.configMap('plain', { b: '2' }));
    expect((await it.api.get(it.ref('ConfigMap', 'plain')))?.['data']).toEqual({ b: '2' });
    await expectClass(it.api.replace(it.configMap('absent', { b: '2' })), 'notFound');
  });

  test('a replace that changes nothing keeps the resource version', async () => {
    const it = world();
    const created = await it.api.create(it.configMap('same', { a: '1' }), { fieldManager: 'a' });
    const replaced = await it.api.replace(it.configMap('same', { a: '1' }), { fieldManager: 'b' });
    expect(replaced.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  });

  test('a replace of an object with another UID is a conflict', async () => {
    const it = world();
    const created = await it.api.create(it.configMap('reborn', { a: '1' }));
    const uid = '00000000-0000-4000-8000-000000000000';
    await expectClass(it.api.replace({ ...created, metadata: { ...created.metadata, uid } }), 'conflict');
  });

  test('deletes only the object with the UID', async () => {
    const it = world();
    const created = await it.api.create(it.configMap('doomed'));
    const reference = it.ref('ConfigMap', 'doomed');
    await expectClass(it.api.delete(reference, { uid: '00000000-0000-4000-8000-000000000000' }), 'conflict');
    expect(await it.api.get(reference)).toBeDefined();
    await it.api.delete(reference, { uid: created.metadata.uid!, dryRun: true });
    expect(await it.api.get(reference)).toBeDefined();
    await it.api.delete(reference, { uid: created.metadata.uid! });
    expect(await it.api.get(reference)).toBeUndefined();
    await it.api.delete(reference, { uid: created.metadata.uid! });
  });

  test('what has a finalizer stays, marked, until the finalizer goes', async () => {
    const it = world();
    const reference = it.ref('ConfigMap', 'held');
    const created = await it.api.create(it.configMap('held', {}, { finalizers: ['example.org/hold'] }));
    await it.api.delete(reference, { uid: created.metadata.uid! });
    const held = await it.api.get(reference);
    expect(held?.metadata.deletionTimestamp).toBeDefined();
    await it.api.replace({ ...held!, metadata: { ...held!.metadata, finalizers: [] } });
    expect(await it.api.get(reference)).toBeUndefined();
  });

  test('deleting an owner deletes what it owns, in the background', async () => {
    const it = world();
    const owner = await it.api.create(it.configMap('owner'));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid! }];
    await it.api.create(it.configMap('owned', {}, { ownerReferences }));
    await it.api.delete(it.ref('ConfigMap', 'owner'), { uid: owner.metadata.uid!, propagation: 'Background' });
    await eventually(async () => (await it.api.get(it.ref('ConfigMap', 'owned'))) === undefined);
  });

  test('deleting a namespace deletes what is in it', async () => {
    const it = world();
    await it.api.create(it.configMap('inside'));
    const namespace = await it.api.get(it.ref('Namespace', it.namespace));
    await it.api.delete(it.ref('Namespace', it.namespace), { uid: namespace!.metadata.uid! });
    await eventually(async () => (await it.api.get(it.ref('ConfigMap', 'inside'))) === undefined);
    await eventually(async () => (await it.api.get(it.ref('Namespace', it.namespace))) === undefined);
  });

  test('lists by namespace and label', async () => {
    const it = world();
    const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
    const mark = it.fresh('mark');
    await it.api.create(it.configMap('b', {}, { labels: { mark, color: 'red' } }));
    await it.api.create(it.configMap('a', {}, { labels: { mark, color: 'blue' } }));
    await it.api.create(it.configMap('c'));
    const names = async (labelSelector: string, namespace: string | undefined = it.namespace) =>
      (await it.api.list(kind, { labelSelector, namespace })).map((object) => object.metadata.name);
    expect(await names(`mark=${mark}`)).toEqual(['a', 'b']);
    expect(await names(`mark in (${mark}),color!=red`)).toEqual(['a']);
    expect(await names('mark,color notin (red)')).toEqual(['a']);
    expect(await names(`mark=${mark}`, 'default')).toEqual([]);
    const everywhere = await it.api.list(kind, { labelSelector: `mark=${mark}` });
    expect(everywhere.map((object) => object.metadata.name)).toEqual(['a', 'b']);
    expect(everywhere[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    await expectClass(it.api.list(kind, { labelSelector: 'a in' }), 'invalid');
  });

  test('a list with more than it may hold is tooLarge', async () => {
    const it = world();
    for (const name of ['a', 'b', 'c']) await it.api.create(it.configMap(name, {}, { labels: { counted: 'yes' } }));
    const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
    const options = { namespace: it.namespace, labelSelector: 'counted=yes' };
    expect(await it.api.list(kind, { ...options, maxObjects: 3 })).toHaveLength(3);
    await expectClass(it.api.list(kind, { ...options, maxObjects: 2 }), 'tooLarge');
  });

  test('dry runs of create and replace answer and change nothing', async () => {
    const it = world();
    const dry = await it.api.create(it.configMap('dry', { a: '1' }), { dryRun: true });
    expect(dry['data']).toEqual({ a: '1' });
    expect(await it.api.get(it.ref('ConfigMap', 'dry'))).toBeUndefined();
    const created = await it.api.create(it.configMap('dry', { a: '1' }));
    expect((await it.api.replace(it.configMap('dry', { a: '2' }), { dryRun: true }))['data']).toEqual({ a: '2' });
    expect(await it.api.get(it.ref('ConfigMap', 'dry'))).toEqual(created);
  });

  test('the secret of a Secret is written as text and read as base64', async () => {
    const it = world();
    const metadata = { name: 'quiet', namespace: it.namespace };
    const secret = await it.apply('a', { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { key: 'hush' } });
    expect(secret['data']).toEqual({ key: 'aHVzaA==' });
    expect(secret['stringData']).toBeUndefined();
    expect(secret['type']).toBe('Opaque');
  });

  test('what names no namespace where one is needed is invalid', async () => {
    const it = world();
    await expectClass(it.api.get({ ...it.ref('ConfigMap', 'x'), namespace: '' }), 'invalid');
    await expectClass(it.apply('a', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }), 'invalid');
    const scoped = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: it.fresh('x'), namespace: 'default' } };
    await expectClass(it.apply('a', scoped), 'invalid');
  });
}
