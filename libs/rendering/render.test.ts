import type { KubernetesObject } from '#libs/kubernetes/object';
import { RENDER_LIMITS } from './limits';
import { renderApplication, type ApplicationInput } from './render';
import { describeProblem } from './problems';
import { plainYamlRenderer } from './yaml/renderer';

const cluster = { name: 'c1', region: 'eu', labels: { tier: 'gold' } };

function inputOf(files: Record<string, string>, more: Partial<ApplicationInput> = {}): ApplicationInput {
  const list = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
  return { files: list, renderer: plainYamlRenderer(), applicationName: 'shop', ...more };
}

async function prepare(input: ApplicationInput) {
  const result = await renderApplication(input);
  if (!result.ok) throw new Error(result.errors.map(describeProblem).join('\n'));
  return result.application;
}

async function objectsOf(
  text: string,
  more: Partial<ApplicationInput> = {},
  on = cluster,
): Promise<KubernetesObject[]> {
  const application = await prepare(inputOf({ 'a.yaml': text }, more));
  const values = application.valuesFor(on);
  const result = values.ok ? application.forTarget(values.values) : values;
  if (!result.ok) throw new Error(result.errors.map(describeProblem).join('\n'));
  return result.objects;
}

async function errorsOf(files: Record<string, string>, more: Partial<ApplicationInput> = {}): Promise<string[]> {
  const result = await renderApplication(inputOf(files, more));
  if (!result.ok) return result.errors.map(describeProblem);
  const values = result.application.valuesFor(cluster);
  const rendered = values.ok ? result.application.forTarget(values.values) : values;
  return rendered.ok ? [] : rendered.errors.map(describeProblem);
}

const objectText = (kind: string, name: string, apiVersion = 'v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;

it('labels every object, strips what servers set, and keeps the rest', async () => {
  const [object] = await objectsOf(`
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  uid: x
  resourceVersion: "1"
  generation: 2
  creationTimestamp: null
  selfLink: /x
  managedFields: []
  labels: {app: web, flotilla.dev/application: other}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}
data: {status: kept}
status: {x: 1}
`);
  expect(object).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default', labels: { app: 'web', 'flotilla.dev/application': 'shop' } },
    data: { status: 'kept' },
  });
});

it('puts objects that name no namespace where the application says', async () => {
  const crd = `${objectText('CustomResourceDefinition', 'fleets.example.com', 'apiextensions.k8s.io/v1')}spec:
  group: example.com
  scope: Cluster
  names: {kind: Fleet}
`;
  const text = [
    objectText('ConfigMap', 'a'),
    `${objectText('ConfigMap', 'b')}  namespace: own\n`,
    objectText('ClusterRole', 'system:reader', 'rbac.authorization.k8s.io/v1'),
    `${objectText('Namespace', 'shop')}  namespace: odd\n`,
    crd,
    objectText('Fleet', 'one', 'example.com/v1'),
    objectText('Other', 'two', 'example.com/v1'),
  ].join('---\n');
  const objects = await objectsOf(text, { namespace: 'shop' });
  expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['ConfigMap', 'shop'],
    ['ConfigMap', 'own'],
    ['ClusterRole', undefined],
    ['Namespace', undefined],
    ['CustomResourceDefinition', undefined],
    ['Fleet', undefined],
    ['Other', 'shop'],
  ]);
});

it.each([
  ['a name that is missing', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}', 'metadata.name'],
  ['generateName', 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}', 'metadata.generateName'],
  ['a name of capitals', objectText('ConfigMap', 'Web'), 'metadata.name'],
  ['a number as name', objectText('ConfigMap', '1'), 'metadata.name'],
  ['a name that leaves its place', objectText('Role', '..', 'rbac.authorization.k8s.io/v1'), 'metadata.name'],
  ['a long namespace', `${objectText('ConfigMap', 'a')}  namespace: ${'a'.repeat(64)}`, 'metadata.namespace'],
  ['an apiVersion with two slashes', objectText('ConfigMap', 'a', 'a/b/c'), 'apiVersion'],
  ['a kind with a slash', objectText('Config/Map', 'a'), 'kind'],
  ['a label that is a number', `${objectText('ConfigMap', 'a')}  labels: {version: 1.0}`, 'metadata.labels.version'],
  [
    'an annotation that is a boolean',
    `${objectText('ConfigMap', 'a')}  annotations: {x: yes}`,
    'metadata.annotations.x',
  ],
])('refuses %s', async (_name, text, field) => {
  const [error, ...others] = await errorsOf({ 'web/a.yaml': text });
  expect(error).toMatch(/^web\/a\.yaml:1 \(document 1\) /);
  expect(error).toContain(` ${field}: `);
  expect(others).toEqual([]);
});

it('refuses an object that stands twice, whatever its version, and names both places', async () => {
  const files = {
    'a.yaml': `${objectText('ConfigMap', 'z')}---\n${objectText('Deployment', 'web', 'apps/v1')}`,
    'b.yaml': `${objectText('Deployment', 'web', 'apps/v1beta1')}  namespace: default\n`,
  };
  expect(await errorsOf(files)).toEqual([
    'b.yaml:1 (document 1): Deployment default/web stands in a.yaml:6 already; keep one of them',
  ]);
});

describe('secrets', () => {
  const secret = `${objectText('Secret', 'a')}data: {one: aHVudGVyMg==}\nstringData: {two: hunter3}\n`;

  it.each([
    secret,
    `${objectText('Secret', 'a')}stringData: {two: hunter3}`,
    `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}, data: {two: aHVudGVyMg==}}`,
  ])('with data are refused, and never shown', async (text) => {
    const [error] = await errorsOf({ 'a.yaml': text });
    expect(error).toMatch(/the Secret holds data/);
    expect(error).not.toMatch(/hunter|aHVudGVy/);
  });

  it('are taken when the application allows it, as the API server will give them back', async () => {
    const text = `${secret}---\n${objectText('Secret', 'b')}data: {x: "aHVu\\ndGVyMg=="}\nstringData: {}`;
    const objects = await objectsOf(text, { allowSecrets: true });
    expect(objects.map(({ data, stringData }) => [data, stringData])).toEqual([
      [{ one: 'aHVudGVyMg==', two: 'aHVudGVyMw==' }, undefined],
      [{ x: 'aHVudGVyMg==' }, undefined],
    ]);
  });

  it('without data, and kinds of that name elsewhere, are no secrets', async () => {
    const other = `${objectText('Secret', 'a', 'example.com/v1')}data: {x: y}`;
    expect(await objectsOf(`${objectText('Secret', 'a')}type: Opaque\ndata: {}\n---\n${other}`)).toHaveLength(2);
  });

  it('show no value where they are wrong', async () => {
    const errors = await errorsOf(
      { 'a.yaml': `${objectText('Secret', 'a')}data: {one: "hunter2!"}` },
      { allowSecrets: true },
    );
    expect(errors).toEqual([
      'a.yaml:1 (document 1) data["one"]: this is not base64; encode it, or move it to stringData',
    ]);
  });

  it('are found behind parameters too', async () => {
    const more = { parameters: { password: 'hunter2' } };
    const [error] = await errorsOf({ 'a.yaml': `${objectText('Secret', 'a')}stringData: {x: "\${password}"}` }, more);
    expect(error).toMatch(/the Secret holds data/);
  });
});

describe('an empty rendering', () => {
  it.each<Record<string, string>>([{}, { 'README.md': 'x' }, { 'a.yaml': '# nothing\n---\n' }])(
    'is an error of its own: %j',
    async (files) => {
      expect(await renderApplication(inputOf(files))).toMatchObject({ ok: false, reason: 'emptyRendering' });
    },
  );

  it('is none when the application allows it', async () => {
    expect(await objectsOf('', { allowEmpty: true })).toEqual([]);
  });

  it('is not what an error looks like', async () => {
    const result = await renderApplication(inputOf({ 'a.yaml': '[' }, { allowEmpty: true }));
    expect(result).toMatchObject({ ok: false, reason: 'invalid' });
  });
});

describe('parameters', () => {
  const text = `${objectText('ConfigMap', 'fixed')}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-\${region}
  labels: {tier: "\${cluster.labels.tier:-none}"}
spec:
  replicas: \${replicas}
  note: "\${replicas}"
`;
  const parameters = { replicas: 3 };

  it('differ by target, and leave the rest shared', async () => {
    const application = await prepare(inputOf({ 'a.yaml': text }, { parameters }));
    expect([...application.uses].sort()).toEqual(['cluster.labels.tier', 'cluster.region', 'replicas']);
    const [eu, us] = [cluster, { ...cluster, region: 'us', labels: {} }].map((on) => {
      const values = application.valuesFor(on);
      const result = values.ok ? application.forTarget(values.values) : values;
      return result.ok ? result.objects : [];
    });
    expect(eu?.[0]).toBe(us?.[0]);
    expect(eu?.[1]).toMatchObject({
      metadata: { name: 'web-eu', namespace: 'default', labels: { tier: 'gold' } },
      spec: { replicas: 3, note: '3' },
    });
    expect(us?.[1]).toMatchObject({ metadata: { name: 'web-us', labels: { tier: 'none' } } });
  });

  it('are left alone unless the application has some, or wants it', async () => {
    const script = `${objectText('ConfigMap', 'a')}data: {run: "echo \${HOME} $\${x}"}`;
    for (const more of [{}, { parameters, substitute: false }]) {
      const [object] = await objectsOf(script, more);
      expect(object?.data).toEqual({ run: 'echo ${HOME} $${x}' });
    }
    expect(await errorsOf({ 'a.yaml': script }, { substitute: true })).toEqual([
      expect.stringMatching(
        /^a\.yaml:1 \(document 1\) data\.run: the parameter HOME has no value here; there are cluster\.name/,
      ),
    ]);
  });

  it('that nobody can give are wrong before any target is', async () => {
    const result = await renderApplication(inputOf({ 'a.yaml': text }, { parameters: {} }));
    expect(result).toMatchObject({
      ok: false,
      reason: 'invalid',
      errors: [{ field: 'spec.replicas' }, { field: 'spec.note' }],
    });
  });

  it('that one cluster cannot give are wrong for it', async () => {
    const labelled = `${objectText('ConfigMap', 'a')}data: {x: "\${cluster.labels.zone}"}`;
    const [error] = await errorsOf({ 'a.yaml': labelled }, { substitute: true });
    expect(error).toMatch(/cluster\.labels\.zone has no value here; there are .*cluster\.labels\.tier/);
  });

  it('cannot make names that Kubernetes refuses, nor the same object twice', async () => {
    const names = `${objectText('ConfigMap', '${a}')}---\n${objectText('ConfigMap', 'same')}`;
    expect(await errorsOf({ 'a.yaml': names }, { parameters: { a: '../x' } })).toEqual([
      expect.stringMatching(/metadata\.name/),
    ]);
    expect(await errorsOf({ 'a.yaml': names }, { parameters: { a: 'same' } })).toEqual([
      expect.stringMatching(/stands in a\.yaml:1 already/),
    ]);
  });
});

it('refuses an object larger than the limit, also one that aliases make large', async () => {
  const text = `${objectText('ConfigMap', 'a')}data:\n  a: &a ${'x'.repeat(1_000)}\n${Array.from({ length: 2_000 }, (_, i) => `  k${i}: *a\n`).join('')}`;
  expect(await errorsOf({ 'a.yaml': text })).toEqual([expect.stringMatching(/more than 1048576 bytes/)]);
});

it('refuses what a renderer must not give', async () => {
  const objects = [NaN, undefined, JSON.parse('{"__proto__": 1}')].map((value: unknown, index) => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `a${index}` }, data: value };
    return { object, origin: {}, barePlaceholders: new Set<string>() };
  });
  const renderer = { name: 'broken', version: '1', render: () => ({ ok: true as const, objects, warnings: [] }) };
  expect(await errorsOf({}, { renderer, limits: RENDER_LIMITS })).toHaveLength(3);
});
