import fc from 'fast-check';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { RENDER_LIMITS } from '../limits';
import type { ParameterValue, RenderedObject } from '../port';
import { substitute } from './substitute';
import { parseTemplate, type Template } from './template';

const origin = { file: 'a.yaml', document: 2, line: 7 };

function rendered(fields: object, bare: string[] = []): RenderedObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...fields } as KubernetesObject;
  return { object, origin, barePlaceholders: new Set(bare) };
}

function templateOf(...objects: RenderedObject[]): Template {
  const result = parseTemplate(objects);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.template;
}

function fill(object: RenderedObject, values: Record<string, ParameterValue>): KubernetesObject | undefined {
  const result = substitute(templateOf(object), new Map(Object.entries(values)));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.objects[0];
}

const dataOf = (data: Record<string, string>, values: Record<string, ParameterValue>) =>
  fill(rendered({ data }), values)?.data;

it.each([
  ['${a}', 'A'],
  ['x-${a}-${b}', 'x-A-2'],
  ['${none:-fallback}', 'fallback'],
  ['${none:-}', ''],
  ['${a:-fallback}', 'A'],
  ['$${a}', '${a}'],
  ['$$${a}', '$${a}'],
  ['$${a} ${a}', '${a} A'],
  ['${a}$${a}', 'A${a}'],
  ['$a $', '$a $'],
  ['${region}/${cluster}', 'eu/c1'],
  ['${cluster.labels.topology.kubernetes.io/zone}', 'z'],
])('%s becomes %s', (text, expected) => {
  const zone = { 'cluster.labels.topology.kubernetes.io/zone': 'z' };
  expect(dataOf({ x: text }, { a: 'A', b: 2, 'cluster.region': 'eu', 'cluster.name': 'c1', ...zone })).toEqual({
    x: expected,
  });
});

it('fills in names, labels and annotations, but no keys', () => {
  const metadata = { name: '${a}', namespace: '${a}', labels: { '${a}': '${a}' }, annotations: { x: '${a}' } };
  expect(fill(rendered({ metadata }), { a: 'A' })?.metadata).toEqual({
    name: 'A',
    namespace: 'A',
    labels: { '${a}': 'A' },
    annotations: { x: 'A' },
  });
});

it('keeps the type of a parameter only where its placeholder is all there is and has no quotes', () => {
  const spec = { bare: '${n}', quoted: '${n}', part: '${n}0', flag: '${f}', list: ['${n}'] };
  const object = rendered({ spec }, ['/spec/bare', '/spec/part', '/spec/flag', '/spec/list/0']);
  expect(fill(object, { n: 3, f: true })?.spec).toEqual({ bare: 3, quoted: '3', part: '30', flag: true, list: [3] });
});

it('never reads a value: no YAML, no placeholders in it', () => {
  const value = 'x\nkind: Secret\n---\n{"a": "${b}"} *a &b';
  expect(dataOf({ x: '${a}', y: '${a}' }, { a: value, b: 'B' })).toEqual({ x: value, y: value });
});

it('leaves objects alone that say so', () => {
  const metadata = { name: 'a', annotations: { 'flotilla.dev/substitute': 'disabled' } };
  const script = rendered({ metadata, data: { 'run.sh': 'echo ${HOME} ${#list} $${x}' } });
  const template = templateOf(script, rendered({ data: { a: '${b:-c}' } }));
  expect([...template.uses]).toEqual(['b']);
  const result = substitute(template, new Map());
  expect(result.ok && result.objects[0]).toBe(script.object);
});

it('says which parameters matter, shorthands written out', () => {
  const template = templateOf(rendered({ data: { a: '${region} ${x:-1}', b: '${cluster.region}', c: '$${no}' } }));
  expect([...template.uses].sort()).toEqual(['cluster.region', 'x']);
  expect([...template.required]).toEqual(['cluster.region']);
});

it('names file, document, field, parameter and what exists', () => {
  const template = templateOf(rendered({ spec: { list: [{ image: 'x:${tag}' }] } }));
  const result = substitute(template, new Map([['a', 'A']]));
  expect(result).toEqual({
    ok: false,
    errors: [
      {
        ...origin,
        field: 'spec.list[0].image',
        message: 'the parameter tag has no value here; there are a',
        remedy: 'declare it, give it a default as in ${tag:-...}, or write $${ for a literal ${',
      },
    ],
  });
});

it.each(['${', 'x ${a', '${}', '${a b}', '${#a}', '${a%%b}', '${1}', '${a:-${b}}', '${a:?x}'])('refuses %s', (text) => {
  const result = parseTemplate([rendered({ data: { x: text } })]);
  expect(result).toMatchObject({ ok: false, errors: [{ ...origin, field: 'data.x' }] });
  expect(JSON.stringify(result)).toContain('flotilla.dev/substitute');
});

it.each(['apiVersion', 'kind'])('refuses a parameter as %s', (field) => {
  expect(parseTemplate([rendered({ [field]: '${a}' })])).toMatchObject({ ok: false, errors: [{ field }] });
});

it('stops before a long value in many places fills the memory', () => {
  const template = templateOf(rendered({ data: { x: '${a}'.repeat(200_000) } }));
  const result = substitute(template, new Map([['a', 'x'.repeat(RENDER_LIMITS.parameterBytes)]]));
  expect(result).toMatchObject({ ok: false, errors: [{ message: expect.stringMatching(/with its parameters/) }] });
});

describe('for any object', () => {
  const text = fc.oneof(
    fc.string().filter((value) => !value.includes('${')),
    fc.constantFrom('${a}', '${b:-x}', 'x ${a} ${b:-}', '$${c}', '${region}'),
  );
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  }));
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.entries(value).map(([key, item]) => [key, shape(item)]);
  };

  it('substitution changes neither keys, lengths nor types', () => {
    fc.assert(
      fc.property(tree.map, fc.string(), fc.string(), (spec, a, region) => {
        const object = rendered({ spec });
        const filled = fill(object, { a, 'cluster.region': region });
        expect(shape(filled)).toEqual(shape(object.object));
      }),
    );
  });

  it('an object without ${ is the same object', () => {
    fc.assert(
      fc.property(tree.map, (spec) => {
        fc.pre(!JSON.stringify(spec).includes('${'));
        const object = rendered({ spec });
        expect(fill(object, { a: 'A' })).toBe(object.object);
      }),
    );
  });
});
