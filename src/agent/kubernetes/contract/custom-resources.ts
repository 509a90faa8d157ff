import type { KubernetesObject } from '#libs/kubernetes/object';
import { type ContractWorld, eventually, expectClass, ownedBy, specOf } from './world';

const loose = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const strict = {
  type: 'object',
  properties: {
    size: { type: 'integer' },
    plain: { type: 'array', items: { type: 'string' } },
    names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        required: ['port'],
        properties: {
          port: { type: 'integer' },
          protocol: { type: 'string', default: 'TCP' },
          note: { type: 'string' },
        },
      },
    },
    limits: { type: 'object', additionalProperties: { type: 'string' } },
    whole: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
  },
};

/** Kinds that a CustomResourceDefinition makes. */
export function describeCustomResources(world: () => ContractWorld): void {
  async function define(spec: object, scope = 'Namespaced'): Promise<(name: string, spec: object) => KubernetesObject> {
    const it = world();
    const group = `${it.fresh('g')}.example.org`;
    await it.apply('a', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope,
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', properties: { spec, status: loose } } },
          },
        ],
      },
    });
    const kind = { group, version: 'v1', kind: 'Widget' };
    const served = await eventually(() => it.api.resourceOf(kind));
    expect(served).toMatchObject({ resource: 'widgets', namespaced: scope === 'Namespaced' });
    await eventually(async () => (await it.api.list(kind).catch(() => undefined)) && true);
    const namespace = scope === 'Namespaced' ? { namespace: it.namespace } : {};
    return (name, given) => ({
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: { name, ...namespace },
      spec: given,
    });
  }

  test('a definition is established, and its kind is served and kept', async () => {
    const it = world();
    const widget = await define(loose);
    const group = widget('x', {}).apiVersion.split('/')[0]!;
    const reference = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: `widgets.${group}`,
    };
    const conditions = await eventually(async () => {
      const status = (await it.api.get(reference))?.['status'] as
        { conditions?: { type: string; status: string }[] } | undefined;
      const found = status?.conditions?.map(({ type, status: state }) => `${type}=${state}`) ?? [];
      return found.includes('Established=True') && found;
    });
    expect(conditions).toContain('NamesAccepted=True');
    const made = await it.apply('a', widget('one', { size: 1 }));
    expect(made.metadata.generation).toBe(1);
    expect(specOf(made)).toEqual({ size: 1 });
    expect((await it.apply('a', widget('one', { size: 2 }))).metadata.generation).toBe(2);
  });

  test('a cluster-scoped kind has no namespace', async () => {
    const widget = await define(loose, 'Cluster');
    const made = await world().apply('a', widget(world().fresh('one'), { size: 1 }));
    expect(made.metadata.namespace).toBeUndefined();
  });

  test('without a schema, maps merge key by key and lists are replaced', async () => {
    const it = world();
    const widget = await define(loose);
    await it.apply('a', widget('one', { deep: { x: 1 }, list: [{ name: 'a' }] }));
    const both = await it.apply('b', widget('one', { deep: { y: 2 } }));
    expect(specOf(both)).toEqual({ deep: { x: 1, y: 2 }, list: [{ name: 'a' }] });
    const error = await expectClass(
      it.apply('b', widget('one', { deep: { y: 2 }, list: [{ name: 'b' }] })),
      'conflict',
    );
    expect(error.details.conflicts).toEqual([{ manager: 'a', field: '.spec.list' }]);
    const less = await it.apply('a', widget('one', { deep: {} }));
    expect(specOf(less)).toEqual({ deep: { y: 2 } });
  });

  test('the schema says which lists are maps and sets, and which maps are atomic', async () => {
    const it = world();
    const widget = await define(strict);
    await it.apply(
      'a',
      widget('one', { names: ['a'], ports: [{ port: 1 }], limits: { a: '1' }, plain: ['x'], whole: { a: '1' } }),
    );
    const both = await it.apply(
      'b',
      widget('one', { names: ['b'], ports: [{ port: 1, protocol: 'UDP' }], limits: { b: '1' } }),
    );
    expect(specOf(both)).toMatchObject({
      names: ['a', 'b'],
      ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }],
      limits: { a: '1', b: '1' },
    });
    expect(JSON.stringify(ownedBy(both, 'b'))).toContain(JSON.stringify('k:{"port":1,"protocol":"UDP"}'));
    const noted = await it.apply('b', widget('one', { ports: [{ port: 1, protocol: 'TCP', note: 'n' }] }));
    expect(specOf(noted)['ports']).toMatchObject([{ port: 1, note: 'n' }]);
    const error = await expectClass(it.apply('b', widget('one', { whole: { b: '1' }, plain: ['y'] })), 'conflict');
    expect((error.details.conflicts ?? []).map((conflict) => conflict.field).sort()).toEqual([
      '.spec.plain',
      '.spec.whole',
    ]);
  });

  test('a field that the schema does not have is invalid', async () => {
    const it = world();
    const widget = await define(strict);
    await expectClass(it.apply('a', widget('one', { sizes: 1 })), 'invalid');
    await expectClass(it.api.create(widget('one', { sizes: 1 })), 'invalid');
  });

  test('a custom resource is replaced by compare-and-swap only', async () => {
    const it = world();
    const widget = await define(loose);
    const made = await it.api.create(widget('one', { size: 1 }));
    await expectClass(it.api.replace(widget('one', { size: 2 })), 'invalid');
    const next = await it.api.replace({ ...made, spec: { size: 2 } });
    expect(next.metadata.generation).toBe(2);
  });
}
