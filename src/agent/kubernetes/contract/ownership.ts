import { containersOf, type ContractWorld, expectClass, ownedBy, sortedConflicts, specOf } from './world';

/** Who owns which field, and what that means for the next write. */
export function describeOwnership(world: () => ContractWorld): void {
  test('apply creates, and its manager owns exactly what it gave', async () => {
    const it = world();
    const object = await it.apply('a', it.configMap('new', { x: '1' }, { labels: { app: 'web' } }));
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'v1',
        time: expect.stringMatching(/Z$/),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
      },
    ]);
  });

  test('an apply that changes nothing keeps the resource version and the times', async () => {
    const it = world();
    const objects = [
      it.configMap('still', { x: '1' }, { labels: { a: 'b' }, annotations: {} }),
      it.configMap('empty', {}),
      it.service(
        'still',
        [{ port: 80 }, { name: 'dns', port: 53, protocol: 'UDP' }].map((port, index) => ({
          name: `p${index}`,
          ...port,
        })),
      ),
    ];
    for (const object of objects) {
      const first = await it.apply('a', object);
      const second = await it.apply('a', object);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      expect(second.metadata.managedFields).toEqual(first.metadata.managedFields);
    }
  });

  test('a field that another manager owns is a conflict, named, and nothing changes', async () => {
    const it = world();
    await it.apply('a', it.configMap('taken', { x: '1', y: '1' }));
    const error = await expectClass(it.apply('b', it.configMap('taken', { x: '2', y: '2', z: '2' })), 'conflict');
    expect(sortedConflicts(error)).toEqual([
      { manager: 'a', field: '.data.x' },
      { manager: 'a', field: '.data.y' },
    ]);
    expect(error.details.status).toBe(409);
    expect((await it.api.get(it.ref('ConfigMap', 'taken')))?.['data']).toEqual({ x: '1', y: '1' });
  });

  test('conflicts with several managers are all named, down to the item of a list', async () => {
    const it = world();
    await it.apply('a', it.deployment('many', { replicas: 1 }));
    const side = it.deployment('many', {}, [{ name: 'side', image: 'side:1' }]);
    await it.apply('b', { ...side, spec: { template: specOf(side)['template'] } });
    const wanted = it.deployment('many', { replicas: 2 }, [
      { name: 'app', image: 'app:2' },
      { name: 'side', image: 'side:2' },
    ]);
    expect(sortedConflicts(await expectClass(it.apply('c', wanted), 'conflict'))).toEqual([
      { manager: 'a', field: '.spec.replicas' },
      { manager: 'a', field: '.spec.template.spec.containers[name="app"].image' },
      { manager: 'b', field: '.spec.template.spec.containers[name="side"].image' },
    ]);
  });

  test('force takes the field, and the other manager loses it', async () => {
    const it = world();
    await it.apply('a', it.configMap('forced', { x: '1', y: '1' }));
    const object = await it.apply('b', it.configMap('forced', { x: '2' }), true);
    expect(object['data']).toEqual({ x: '2', y: '1' });
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': { 'f:y': {} } });
    expect(ownedBy(object, 'b')).toEqual({ 'f:data': { 'f:x': {} } });
  });

  test('a manager that loses all its fields is no manager any more', async () => {
    const it = world();
    await it.apply('a', it.configMap('lost', { x: '1' }));
    const object = await it.apply('b', it.configMap('lost', { x: '2' }), true);
    expect(ownedBy(object, 'a')).toBeUndefined();
  });

  test('managers that apply the same value share the field', async () => {
    const it = world();
    await it.apply('a', it.configMap('shared', { x: '1' }));
    const object = await it.apply('b', it.configMap('shared', { x: '1' }));
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': { 'f:x': {} } });
    expect(ownedBy(object, 'b')).toEqual({ 'f:data': { 'f:x': {} } });
    const error = await expectClass(it.apply('a', it.configMap('shared', { x: '2' })), 'conflict');
    expect(error.details.conflicts).toEqual([{ manager: 'b', field: '.data.x' }]);
  });

  test('a field that its last owner drops is removed', async () => {
    const it = world();
    await it.apply('a', it.configMap('dropped', { x: '1', y: '1' }));
    const object = await it.apply('a', it.configMap('dropped', { y: '1' }));
    expect(object['data']).toEqual({ y: '1' });
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': { 'f:y': {} } });
  });

  test('a field that one of two owners drops stays, and is the other’s', async () => {
    const it = world();
    await it.apply('a', it.configMap('kept', { x: '1', y: '1' }));
    await it.apply('b', it.configMap('kept', { x: '1' }));
    const object = await it.apply('a', it.configMap('kept', { y: '1' }));
    expect(object['data']).toEqual({ x: '1', y: '1' });
    const last = await it.apply('b', it.configMap('kept'));
    expect(last['data']).toEqual({ y: '1' });
    expect(ownedBy(last, 'b')).toBeUndefined();
  });

  test('fields that were never ours stay', async () => {
    const it = world();
    const created = await it.api.create(it.configMap('foreign', { theirs: '1' }, { labels: { theirs: 'yes' } }), {
      fieldManager: 'them',
    });
    await it.apply('a', it.configMap('foreign', { ours: '1' }));
    const object = await it.apply('a', it.configMap('foreign', {}));
    expect(object['data']).toEqual({ theirs: '1' });
    expect(object.metadata.labels).toEqual({ theirs: 'yes' });
    expect(object.metadata.uid).toBe(created.metadata.uid);
  });

  test('an update by another manager steals the fields that it changes', async () => {
    const it = world();
    const mine = await it.apply('a', it.configMap('stolen', { x: '1', y: '1' }));
    const object = await it.api.replace({ ...mine, data: { x: '2', y: '1', z: '1' } }, { fieldManager: 'thief' });
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': { 'f:y': {} } });
    expect(ownedBy(object, 'thief', 'Update')).toEqual({ 'f:data': { 'f:x': {}, 'f:z': {} } });
    const error = await expectClass(it.apply('a', it.configMap('stolen', { x: '1', y: '1' })), 'conflict');
    expect(error.details.conflicts).toEqual([{ manager: 'thief', field: '.data.x' }]);
    const back = await it.apply('a', it.configMap('stolen', { x: '1', y: '1' }), true);
    expect(back['data']).toEqual({ x: '1', y: '1', z: '1' });
    expect(ownedBy(back, 'thief', 'Update')).toEqual({ 'f:data': { 'f:z': {} } });
  });

  test('an update that removes a field takes it from its owner, and the next apply brings it back', async () => {
    const it = world();
    const mine = await it.apply('a', it.configMap('erased', { x: '1', y: '1' }));
    const object = await it.api.replace({ ...mine, data: { y: '1' } }, { fieldManager: 'thief' });
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': { 'f:y': {} } });
    const back = await it.apply('a', it.configMap('erased', { x: '1', y: '1' }));
    expect(back['data']).toEqual({ x: '1', y: '1' });
  });

  test('an update in the name of an applier is another owner than its apply', async () => {
    const it = world();
    const mine = await it.apply('a', it.configMap('both', { x: '1' }));
    const object = await it.api.replace({ ...mine, data: { x: '2' } }, { fieldManager: 'a' });
    expect(ownedBy(object, 'a')).toBeUndefined();
    expect(ownedBy(object, 'a', 'Update')).toEqual({ 'f:data': { 'f:x': {} } });
    await expectClass(it.apply('a', it.configMap('both', { x: '1' })), 'conflict');
  });

  test('containers merge by name, and keep fields of others', async () => {
    const it = world();
    await it.apply('a', it.deployment('merge'));
    const side = it.deployment('merge', {}, [
      { name: 'side', image: 'side:1' },
      { name: 'app', workingDir: '/w' },
    ]);
    await it.apply('b', { ...side, spec: { template: specOf(side)['template'] } });
    const object = await it.apply('a', it.deployment('merge', {}, [{ name: 'app', image: 'app:2' }]));
    expect(
      containersOf(object)
        .map((container) => container['name'])
        .sort(),
    ).toEqual(['app', 'side']);
    expect(containersOf(object).find((container) => container['name'] === 'app')).toMatchObject({
      image: 'app:2',
      workingDir: '/w',
    });
  });

  test('an item of a list that its owner drops goes; one that another shares stays with the other’s fields', async () => {
    const it = world();
    const app = { name: 'app', image: 'app:1' };
    await it.apply(
      'a',
      it.deployment('items', {}, [app, { name: 'gone', image: 'x:1' }, { name: 'half', image: 'y:1', tty: true }]),
    );
    const theirs = it.deployment('items', {}, [{ name: 'half', image: 'y:1' }]);
    await it.apply('b', { ...theirs, spec: { template: specOf(theirs)['template'] } });
    const object = await it.apply('a', it.deployment('items', {}, [app]));
    expect(containersOf(object).map((container) => container['name'])).toEqual(['app', 'half']);
    expect(containersOf(object)[1]).toMatchObject({ name: 'half', image: 'y:1' });
    expect(containersOf(object)[1]).not.toHaveProperty('tty');
  });

  test('environment merges by name, mounts by path, volumes by name', async () => {
    const it = world();
    const one = (name: string, path: string) => ({
      containers: [
        { name: 'app', image: 'app:1', env: [{ name, value: '1' }], volumeMounts: [{ name, mountPath: path }] },
      ],
      volumes: [{ name, emptyDir: {} }],
    });
    const withPod = (name: string, path: string) => {
      const object = it.deployment('merged');
      const template = { metadata: { labels: { app: 'merged' } }, spec: one(name, path) };
      return { ...object, spec: { ...specOf(object), template } };
    };
    await it.apply('a', withPod('one', '/one'));
    const object = await it.apply('b', withPod('two', '/two'));
    const template = specOf(object)['template'] as { spec: { volumes: { name: string }[] } };
    expect(template.spec.volumes.map((volume) => volume.name)).toEqual(['one', 'two']);
    expect(containersOf(object)[0]).toMatchObject({
      env: [{ name: 'one' }, { name: 'two' }],
      volumeMounts: [{ mountPath: '/one' }, { mountPath: '/two' }],
    });
  });

  test('ports of a Service merge by port and protocol', async () => {
    const it = world();
    await it.apply('a', it.service('ports', [{ name: 'dns', port: 53 }]));
    const object = await it.apply('b', it.service('ports', [{ name: 'dns-udp', port: 53, protocol: 'UDP' }]));
    expect(specOf(object)['ports']).toMatchObject([
      { name: 'dns', port: 53, protocol: 'TCP' },
      { name: 'dns-udp', port: 53, protocol: 'UDP' },
    ]);
    const fields = JSON.stringify(ownedBy(object, 'a'));
    expect(fields).toContain(JSON.stringify('k:{"port":53,"protocol":"TCP"}'));
    const alone = await it.apply('a', { ...it.service('ports', []), spec: { selector: { app: 'ports' } } });
    expect(specOf(alone)['ports']).toMatchObject([{ name: 'dns-udp', port: 53, protocol: 'UDP' }]);
  });

  test('finalizers are a set', async () => {
    const it = world();
    await it.apply('a', it.configMap('set', undefined, { finalizers: ['example.org/a', 'example.org/both'] }));
    const both = await it.apply(
      'b',
      it.configMap('set', undefined, { finalizers: ['example.org/b', 'example.org/both'] }),
    );
    expect([...both.metadata.finalizers!].sort()).toEqual(['example.org/a', 'example.org/b', 'example.org/both']);
    expect(ownedBy(both, 'b')).toMatchObject({
      'f:metadata': { 'f:finalizers': { 'v:"example.org/b"': {}, 'v:"example.org/both"': {} } },
    });
    const less = await it.apply('a', it.configMap('set'));
    expect([...less.metadata.finalizers!].sort()).toEqual(['example.org/b', 'example.org/both']);
    await it.apply('b', it.configMap('set'));
  });

  test('an empty map is owned by who applied it, though it is not kept', async () => {
    const it = world();
    const object = await it.apply('a', it.configMap('hollow', {}));
    expect(object['data']).toBeUndefined();
    expect(ownedBy(object, 'a')).toEqual({ 'f:data': {} });
    const error = await expectClass(it.apply('b', it.configMap('hollow', {})), 'conflict');
    expect(error.details.conflicts).toEqual([{ manager: 'a', field: '.data' }]);
  });

  test('an atomic list is one field', async () => {
    const it = world();
    await it.apply('a', it.deployment('atomic', {}, [{ name: 'app', image: 'app:1', args: ['a', 'b'] }]));
    const theirs = it.deployment('atomic', {}, [{ name: 'app', args: ['a', 'b', 'c'] }]);
    const part = { ...theirs, spec: { template: specOf(theirs)['template'] } };
    const error = await expectClass(it.apply('b', part), 'conflict');
    expect(error.details.conflicts).toEqual([
      { manager: 'a', field: '.spec.template.spec.containers[name="app"].args' },
    ]);
    expect(containersOf(await it.apply('b', part, true))[0]).toMatchObject({ args: ['a', 'b', 'c'] });
  });

  test('an atomic map is one field', async () => {
    const it = world();
    const object = await it.apply('a', it.service('selected', [{ port: 80 }]));
    expect(ownedBy(object, 'a')).toMatchObject({ 'f:spec': { 'f:selector': {} } });
    const other = { ...it.service('selected', []), spec: { selector: { app: 'selected', tier: 'web' } } };
    const error = await expectClass(it.apply('b', other), 'conflict');
    expect(error.details.conflicts).toEqual([{ manager: 'a', field: '.spec.selector' }]);
  });

  test('the generation rises with the specification, and only with it', async () => {
    const it = world();
    const first = await it.apply('a', it.deployment('counted', { replicas: 1 }));
    expect(first.metadata.generation).toBe(1);
    const labelled = it.deployment('counted', { replicas: 1 });
    labelled.metadata.labels = { a: 'b' };
    expect((await it.apply('a', labelled)).metadata.generation).toBe(1);
    expect((await it.apply('a', it.deployment('counted', { replicas: 3 }))).metadata.generation).toBe(2);
  });

  test('a status that is applied is neither kept nor owned', async () => {
    const it = world();
    const object = await it.apply('a', { ...it.deployment('status'), status: { replicas: 7 } });
    expect((object['status'] as { replicas?: number } | undefined)?.replicas).not.toBe(7);
    expect(ownedBy(object, 'a')).not.toHaveProperty('f:status');
  });

  test('a dry run answers what would be, conflicts included, and changes nothing', async () => {
    const it = world();
    const options = { fieldManager: 'b', force: false, dryRun: true };
    const absent = await it.api.apply(it.configMap('dry', { x: '1' }), options);
    expect(absent['data']).toEqual({ x: '1' });
    expect(await it.api.get(it.ref('ConfigMap', 'dry'))).toBeUndefined();
    const live = await it.apply('a', it.configMap('dry', { x: '1' }));
    await expectClass(it.api.apply(it.configMap('dry', { x: '2' }), options), 'conflict');
    const would = await it.api.apply(it.configMap('dry', { x: '2' }), { ...options, force: true });
    expect(would['data']).toEqual({ x: '2' });
    expect(await it.api.get(it.ref('ConfigMap', 'dry'))).toEqual(live);
  });

  test('an apply with a resource version is a compare-and-swap too', async () => {
    const it = world();
    const first = await it.apply('a', it.configMap('cas', { x: '1' }));
    await it.apply('a', it.configMap('cas', { x: '2' }));
    const { resourceVersion } = first.metadata;
    await expectClass(it.apply('a', it.configMap('cas', { x: '3' }, { resourceVersion })), 'conflict');
  });

  test('an update may rewrite who owns what, as adopting another manager does', async () => {
    const it = world();
    const theirs = await it.api.create(it.configMap('adopted', { x: '1', y: '1' }), { fieldManager: 'kubectl' });
    const managedFields = [{ ...theirs.metadata.managedFields![0]!, manager: 'a', operation: 'Apply' }];
    const ours = await it.api.replace(
      { ...theirs, metadata: { ...theirs.metadata, managedFields } },
      { fieldManager: 'a' },
    );
    expect(ownedBy(ours, 'a')).toMatchObject({ 'f:data': { 'f:x': {}, 'f:y': {} } });
    expect(ownedBy(ours, 'kubectl', 'Update')).toBeUndefined();
    const less = await it.apply('a', it.configMap('adopted', { x: '1' }));
    expect(less['data']).toEqual({ x: '1' });
  });

  test('managed fields can be reset; what was there then belongs to a manager of its own', async () => {
    const it = world();
    const live = await it.apply('a', it.configMap('reset', { x: '1', y: '1' }));
    const managedFields = [{}];
    const reset = await it.api.replace(
      { ...live, metadata: { ...live.metadata, managedFields } },
      { fieldManager: 'a' },
    );
    expect(reset.metadata.managedFields).toBeUndefined();
    const edited = await it.api.replace({ ...reset, data: { x: '2', y: '1' } }, { fieldManager: 'thief' });
    expect(edited.metadata.managedFields).toBeUndefined();
    const error = await expectClass(it.apply('a', it.configMap('reset', { x: '1' })), 'conflict');
    expect(error.details.conflicts).toEqual([{ manager: 'before-first-apply', field: '.data.x' }]);
    const taken = await it.apply('a', it.configMap('reset', { x: '1' }), true);
    expect(taken['data']).toEqual({ x: '1', y: '1' });
    expect(ownedBy(taken, 'before-first-apply', 'Update')).toMatchObject({ 'f:data': { 'f:y': {} } });
  });

  test('managedFields cannot be applied, nor an item twice', async () => {
    const it = world();
    const live = await it.apply('a', it.configMap('own', { x: '1' }));
    const { managedFields } = live.metadata;
    await expectClass(it.apply('a', it.configMap('own', { x: '1' }, { managedFields })), 'invalid');
    const twice = [
      { name: 'app', image: 'app:1' },
      { name: 'app', image: 'app:2' },
    ];
    await expectClass(it.apply('a', it.deployment('twice', {}, twice)), 'invalid');
  });

  test('applying nothing gives up everything, and leaves what others own', async () => {
    const it = world();
    await it.apply('a', it.configMap('emptied', { x: '1' }, { labels: { a: '1' }, annotations: { a: '1' } }));
    await it.apply('b', it.configMap('emptied', {}, { labels: { b: '1' } }));
    const object = await it.apply('a', it.configMap('emptied'));
    expect(object.metadata.labels).toEqual({ b: '1' });
    expect(object.metadata.annotations).toBeUndefined();
    expect(object['data']).toBeUndefined();
    expect(ownedBy(object, 'a')).toBeUndefined();
  });
}
