import type { KubernetesObject } from '#libs/kubernetes/object';
import { baselineOf } from './baseline';
import { driftOf, maxDriftFields, type FieldDrift } from './drift';

const intended: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api', namespace: 'web', labels: { 'app.kubernetes.io/name': 'api' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'api' } },
    template: {
      spec: {
        nodeSelector: { disk: 'ssd' },
        containers: [
          {
            name: 'app',
            image: 'shop/api:1',
            resources: { limits: { cpu: '1000m' } },
            ports: [{ containerPort: 80 }],
            args: ['--port', '80'],
            env: [{ name: 'MODE', value: 'fast' }],
          },
        ],
      },
    },
  },
};

// The edits of this test reach deep into a value of a known shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Edited = any;

function edit(object: KubernetesObject, act: (object: Edited) => void): KubernetesObject {
  const copy = structuredClone(object);
  act(copy);
  return copy;
}

const containerOf = (object: Edited) => object.spec.template.spec.containers[0];

/** As the API server returns it: the quantity in its own spelling, and the default of a port's protocol. */
const applied = edit(intended, (object) => {
  object.metadata.uid = 'u-1';
  containerOf(object).resources.limits.cpu = '1';
  containerOf(object).ports[0].protocol = 'TCP';
});
const baseline = baselineOf(applied, intended);

function fieldsAfter(act: (object: Edited) => void): FieldDrift[] {
  const drift = driftOf(baseline, edit(applied, act));
  return drift.kind === 'changed' ? drift.fields : [];
}

describe('driftOf', () => {
  it('is none for what the server returned, and missing for what is gone', () => {
    expect(driftOf(baseline, applied)).toEqual({ kind: 'none' });
    expect(driftOf(baseline, undefined)).toEqual({ kind: 'missing' });
  });

  it.each<[string, (object: Edited) => void, FieldDrift]>([
    ['a scalar', (object) => (object.spec.replicas = 5), { path: '.spec.replicas', expected: 2, actual: 5 }],
    [
      'a field of a list entry',
      (object) => (containerOf(object).image = 'shop/api:2'),
      { path: '.spec.template.spec.containers[name="app"].image', expected: 'shop/api:1', actual: 'shop/api:2' },
    ],
    [
      'a quantity, in the spelling of the server',
      (object) => (containerOf(object).resources.limits.cpu = '2'),
      { path: '.spec.template.spec.containers[name="app"].resources.limits.cpu', expected: '1', actual: '2' },
    ],
    [
      'a label that is gone',
      (object) => delete object.metadata.labels['app.kubernetes.io/name'],
      { path: '.metadata.labels.app.kubernetes.io/name', expected: 'api', actual: null },
    ],
    [
      'all labels gone, as one',
      (object) => delete object.metadata.labels,
      { path: '.metadata.labels', expected: { 'app.kubernetes.io/name': 'api' }, actual: null },
    ],
    [
      'an entry that is gone',
      (object) => (containerOf(object).env = []),
      {
        path: '.spec.template.spec.containers[name="app"].env[name="MODE"]',
        expected: { name: 'MODE', value: 'fast' },
        actual: null,
      },
    ],
    [
      'an entry that is there twice, where the second wins',
      (object) => containerOf(object).env.push({ name: 'MODE', value: 'slow' }),
      {
        path: '.spec.template.spec.containers[name="app"].env[name="MODE"]',
        expected: { name: 'MODE', value: 'fast' },
        actual: [
          { name: 'MODE', value: 'fast' },
          { name: 'MODE', value: 'slow' },
        ],
      },
    ],
    [
      'a port whose key has a default',
      (object) => (containerOf(object).ports = [{ containerPort: 80, protocol: 'UDP' }]),
      {
        path: '.spec.template.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"]',
        expected: { containerPort: 80 },
        actual: null,
      },
    ],
    [
      'a list that is one value',
      (object) => containerOf(object).args.push('-v'),
      {
        path: '.spec.template.spec.containers[name="app"].args',
        expected: ['--port', '80'],
        actual: ['--port', '80', '-v'],
      },
    ],
    [
      'a map that is one value, also when something is added',
      (object) => (object.spec.template.spec.nodeSelector.zone = 'a'),
      { path: '.spec.template.spec.nodeSelector', expected: { disk: 'ssd' }, actual: { disk: 'ssd', zone: 'a' } },
    ],
  ])('finds %s', (_, act, expected) => {
    expect(fieldsAfter(act)).toEqual([expected]);
  });

  it('does not mind keys that are written in another order', () => {
    const fields = fieldsAfter((object) => {
      object.spec.template.spec.containers = [Object.fromEntries(Object.entries(containerOf(object)).reverse())];
    });
    expect(fields).toEqual([]);
  });

  it('does not compare what the server dropped at the apply', () => {
    const sent = edit(intended, (object) => (object.spec.unknownField = 'x'));
    expect(driftOf(baselineOf(applied, sent), applied)).toEqual({ kind: 'none' });
  });

  it('does not compare status, even if it was sent', () => {
    const sent = edit(intended, (object) => (object.status = { replicas: 2 }));
    const returned = edit(applied, (object) => (object.status = { replicas: 0 }));
    expect(driftOf(baselineOf(returned, sent), applied)).toEqual({ kind: 'none' });
  });

  it('clips long values', () => {
    const [field] = fieldsAfter((object) => (containerOf(object).image = 'x'.repeat(5_000)));
    expect(field?.actual).toBe(`${'x'.repeat(256)}… (5000 characters)`);
    const [list] = fieldsAfter((object) => (containerOf(object).args = ['y'.repeat(5_000)]));
    expect(list?.actual).toEqual(expect.stringMatching(/^\["y+… \(5004 characters\)$/));
  });

  it('lists at most fifty fields and counts the others', () => {
    const data = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${i}`, 'old']));
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
    const live = edit(config, (object) => Object.keys(data).forEach((key) => (object.data[key] = 'new')));
    const drift = driftOf(baselineOf(config, config), live);
    expect(drift).toMatchObject({ kind: 'changed', more: 30 });
    expect(drift.kind === 'changed' ? drift.fields : []).toHaveLength(maxDriftFields);
  });

  it('takes names of fields for names, whatever they are', () => {
    const data = JSON.parse('{"__proto__":"a","constructor":"b","a.b":"c"}') as Record<string, string>;
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
    const own = baselineOf(config, config);
    expect(driftOf(own, config)).toEqual({ kind: 'none' });
    const drift = driftOf(own, { ...config, data: {} });
    expect(drift.kind === 'changed' ? drift.fields.map((field) => field.path) : []).toEqual([
      '.data.__proto__',
      '.data.constructor',
      '.data.a.b',
    ]);
  });

  it('refuses to compare two different objects, or two versions of one', () => {
    expect(() =>
      driftOf(
        baseline,
        edit(applied, (object) => (object.metadata.name = 'other')),
      ),
    ).toThrow('web/other');
    expect(() => driftOf(baseline, { ...applied, apiVersion: 'apps/v1beta1' })).toThrow('apps/v1beta1');
  });

  it('is quick on large objects', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`field${i}`, { type: 'string', description: 'd'.repeat(50) }]),
    );
    const config = { apiVersion: 'example.com/v1', kind: 'Large', metadata: { name: 'c' }, spec: { properties } };
    const own = baselineOf(config, config);
    const live = edit(config, (object) => (object.spec.properties.field19999.type = 'integer'));
    expect(driftOf(own, live)).toMatchObject({ kind: 'changed', fields: [{ expected: 'string', actual: 'integer' }] });
  });
});
