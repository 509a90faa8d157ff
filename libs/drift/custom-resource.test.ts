import type { KubernetesObject, ManagedFieldsEntry } from '#libs/kubernetes/object';
import { baselineOf } from './baseline';
import { driftOf } from './drift';

// The edits of this test reach into a value whose shape it has just written down.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Spec = any;

const intended: KubernetesObject = {
  apiVersion: 'example.com/v1',
  kind: 'Shop',
  metadata: { name: 'shop', namespace: 'web' },
  spec: {
    routes: [{ path: '/a', target: 'a' }],
    tags: ['x'],
    order: ['first'],
    selector: { app: 'shop' },
    options: { colour: 'red' },
  },
};

/** What the API server writes for a definition with a list by key, a set, an atomic map, and the rest by default. */
const managedFields: ManagedFieldsEntry[] = [
  {
    manager: 'flotilla',
    operation: 'Apply',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:spec': {
        'f:routes': { 'k:{"path":"/a"}': { '.': {}, 'f:path': {}, 'f:target': {} } },
        'f:tags': { 'v:"x"': {} },
        'f:order': {},
        'f:selector': {},
        'f:options': { 'f:colour': {} },
      },
    },
  },
];

function live(act: (spec: Spec) => void, fields: ManagedFieldsEntry[] | undefined = managedFields): KubernetesObject {
  const object = structuredClone(intended);
  object.metadata.managedFields = fields;
  act(object['spec']);
  return object;
}

const applied = live(() => undefined);
const baseline = baselineOf(applied, intended);
const pathsAfter = (act: (spec: Spec) => void, own = baseline) => {
  const drift = driftOf(own, live(act));
  return drift.kind === 'changed' ? drift.fields.map((field) => field.path) : [];
};

describe('drift of a custom resource', () => {
  it('learns from managedFields which lists go by key', () => {
    expect(pathsAfter((spec) => spec.routes.unshift({ path: '/b', target: 'b' }))).toEqual([]);
    expect(pathsAfter((spec) => (spec.routes[0].target = 'c'))).toEqual(['.spec.routes[path="/a"].target']);
    expect(pathsAfter((spec) => (spec.routes = []))).toEqual(['.spec.routes[path="/a"]']);
  });

  it('learns which lists are sets', () => {
    expect(pathsAfter((spec) => spec.tags.unshift('y'))).toEqual([]);
    expect(pathsAfter((spec) => (spec.tags = ['y']))).toEqual(['.spec.tags[="x"]']);
  });

  it('learns which lists and maps are one value', () => {
    expect(pathsAfter((spec) => spec.order.push('second'))).toEqual(['.spec.order']);
    expect(pathsAfter((spec) => (spec.selector.tier = 'web'))).toEqual(['.spec.selector']);
  });

  it('takes other maps field by field', () => {
    expect(pathsAfter((spec) => (spec.options.size = 'large'))).toEqual([]);
    expect(pathsAfter((spec) => (spec.options.colour = 'blue'))).toEqual(['.spec.options.colour']);
  });

  it('without managedFields takes lists as one value and maps field by field', () => {
    const own = baselineOf(
      live(() => undefined, []),
      intended,
    );
    expect(pathsAfter((spec) => spec.routes.push({ path: '/b' }), own)).toEqual(['.spec.routes']);
    expect(pathsAfter((spec) => (spec.selector.tier = 'web'), own)).toEqual([]);
  });
});
