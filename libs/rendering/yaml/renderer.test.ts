import { RENDER_LIMITS } from '../limits';
import type { RenderedObject, RenderProblem } from '../port';
import { plainYamlRenderer } from './renderer';

function render(files: Record<string, string>, limits = RENDER_LIMITS) {
  const input = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
  const result = plainYamlRenderer(limits).render({ files: input, parameters: {} });
  if (result instanceof Promise) throw new Error('plain YAML needs no waiting');
  return result;
}

function objectsOf(files: Record<string, string>): RenderedObject[] {
  const result = render(files);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.objects;
}

function errorsOf(files: Record<string, string>, limits = RENDER_LIMITS): RenderProblem[] {
  const result = render(files, limits);
  return result.ok ? [] : result.errors;
}

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

it('reads manifests in the order of their paths, and nothing else', () => {
  const objects = objectsOf({
    'b/z.yml': configMap('three'),
    'b.yaml': `${configMap('one')}---\n# none\n---\n${configMap('two')}`,
    'c.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "four"}}',
    'README.md': '# not: [yaml',
    '.hidden.yaml': '[',
    '.github/workflow.yaml': '[',
    'b/.tmp/x.yaml': '[',
  });
  expect(objects.map(({ object, origin }) => [object.metadata.name, origin])).toEqual([
    ['one', { file: 'b.yaml', document: 1, line: 1 }],
    ['two', { file: 'b.yaml', document: 3, line: 7 }],
    ['three', { file: 'b/z.yml', document: 1, line: 1 }],
    ['four', { file: 'c.json', document: 1, line: 1 }],
  ]);
});

it('takes the objects out of lists, which may leave out what their items are', () => {
  const objects = objectsOf({
    'a.yaml': `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
- apiVersion: v1
  kind: ConfigMapList
  items:
  - metadata: {name: two}
    data:
      count: \${count}
      text: "\${count}"
---
{apiVersion: v1, kind: List}
`,
  });
  expect(objects.map(({ object }) => `${object.kind}/${object.metadata.name}`)).toEqual([
    'ConfigMap/one',
    'ConfigMap/two',
  ]);
  expect([...(objects[1]?.barePlaceholders ?? [])]).toEqual(['/data/count']);
});

it.each([
  ['kustomization.yaml', 'Kustomize'],
  ['base/Kustomization', 'Kustomize'],
  ['charts/web/Chart.yaml', 'Helm'],
])('refuses %s, which %s renders', (path, renderer) => {
  const [error] = errorsOf({ 'a.yaml': configMap('a'), [path]: 'x: y' });
  expect(error).toMatchObject({ file: path, message: expect.stringContaining(renderer) });
  expect(error?.remedy).toMatch(/renderer/);
});

it.each([
  ['a list', '- a', undefined],
  ['a text', 'hello', undefined],
  ['no apiVersion', 'kind: ConfigMap', 'apiVersion'],
  ['a number as apiVersion', 'apiVersion: 1\nkind: A', 'apiVersion'],
  ['no kind', 'apiVersion: v1', 'kind'],
  ['no metadata', 'apiVersion: v1\nkind: ConfigMap', 'metadata'],
  ['items that are a map', 'apiVersion: v1\nkind: List\nitems: {}', 'items'],
  ['an item that is none', 'apiVersion: v1\nkind: List\nitems: [{}]', 'items[0].apiVersion'],
])('refuses %s', (_name, text, field) => {
  const [error] = errorsOf({ 'a.yaml': `${configMap('first')}---\n${text}` });
  expect(error).toMatchObject({ file: 'a.yaml', document: 2, line: 5, message: expect.any(String) });
  expect(error?.field).toBe(field);
});

it('names file, document, line and field of what is wrong, for all files at once', () => {
  const errors = errorsOf({
    'a.yaml': `${configMap('a')}---\n${configMap('b')}data:\n  x: 1\n  x: 2\n`,
    'b.yaml': `${configMap('c')}spec:\n  count: 9007199254740993\n`,
    'c.yaml': 'a:\n\tb: 1\n',
  });
  expect(errors.map(({ file, document, line, field }) => [file, document, line, field])).toEqual([
    ['a.yaml', 2, 10, 'data.x'],
    ['b.yaml', 1, 5, 'spec.count'],
    ['c.yaml', 1, 2, undefined],
  ]);
});

describe('limits', () => {
  const three = {
    'a.yaml': configMap('a'),
    'b.yaml': configMap('b'),
    'c.yaml': `${configMap('c')}---\n${configMap('d')}`,
  };

  it.each([
    [{ files: 2 }, /3 files, more than 2/],
    [{ fileBytes: 60 }, /bytes, more than 60/],
    [{ totalBytes: 100 }, /bytes, more than 100/],
    [{ documents: 3 }, /more than 3 documents/],
    [{ objects: 3 }, /more than 3 objects/],
    [{ depth: 1 }, /nested/],
  ])('%j', (limit, message) => {
    const [error] = errorsOf(three, { ...RENDER_LIMITS, ...limit });
    expect(error?.message).toMatch(message);
    expect(error?.remedy).toEqual(expect.any(String));
  });

  it('reports a bounded number of problems, and how many more there are', () => {
    const bad = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.yaml`, 'x']));
    const errors = errorsOf(bad, { ...RENDER_LIMITS, problems: 2 });
    expect(errors).toHaveLength(3);
    expect(errors[2]?.message).toBe('and 7 more problems');
  });
});
