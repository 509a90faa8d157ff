import { RENDER_LIMITS } from '../limits';
import { declareParameters, type ParameterDeclaration } from './declarations';
import { resolveValues } from './values';

const cluster = { name: 'c1', region: 'eu', labels: { tier: 'gold', replicas: '5', flag: 'true' } };

function resolve(declared: Record<string, ParameterDeclaration>, uses: string[], from = cluster) {
  const declarations = declareParameters(declared, RENDER_LIMITS);
  if (!declarations.ok) throw new Error(JSON.stringify(declarations.errors));
  return resolveValues(new Set(uses), declarations.parameters, from, RENDER_LIMITS);
}

function valuesOf(declared: Record<string, ParameterDeclaration>, uses: string[]): Record<string, unknown> {
  const result = resolve(declared, uses);
  return result.ok ? Object.fromEntries(result.values.values) : {};
}

it('takes the cluster’s name, region and labels, and no more than is used', () => {
  const uses = ['cluster.name', 'cluster.region', 'cluster.labels.tier'];
  expect(valuesOf({}, uses)).toEqual({ 'cluster.name': 'c1', 'cluster.region': 'eu', 'cluster.labels.tier': 'gold' });
});

it('has no value for labels that are not set, such as those that every object inherits', () => {
  expect(valuesOf({}, ['cluster.labels.none', 'cluster.labels.constructor', 'cluster.other', 'unknown'])).toEqual({});
});

it('gives parameters their declared type, from labels too', () => {
  const declared: Record<string, ParameterDeclaration> = {
    text: 'a',
    number: 3,
    flag: false,
    host: '${region}.${cluster}.example',
    replicas: { type: 'number', value: '${cluster.labels.replicas:-2}' },
    fallback: { type: 'number', value: '${cluster.labels.none:-2}' },
    on: { type: 'boolean', value: '${cluster.labels.flag}' },
  };
  expect(valuesOf(declared, Object.keys(declared))).toEqual({
    text: 'a',
    number: 3,
    flag: false,
    host: 'eu.c1.example',
    replicas: 5,
    fallback: 2,
    on: true,
  });
});

it('has equal keys for clusters that differ only in what is not used', () => {
  const key = (from: typeof cluster) => {
    const result = resolve({ host: '${region}' }, ['host', 'cluster.labels.tier'], from);
    return result.ok ? result.values.key : '';
  };
  expect(key({ ...cluster, name: 'c2', labels: { ...cluster.labels, replicas: '9' } })).toBe(key(cluster));
  expect(key({ ...cluster, region: 'us' })).not.toBe(key(cluster));
  expect(key({ ...cluster, labels: { ...cluster.labels, tier: 'free' } })).not.toBe(key(cluster));
});

it.each([
  [{ value: '${cluster.labels.none}' }, /cluster c1 has not/],
  [{ type: 'number' as const, value: '${cluster.labels.tier}' }, /for cluster c1 the value is no number/],
])('says which parameter a cluster cannot give: %j', (declaration, message) => {
  const result = resolve({ p: declaration }, ['p']);
  expect(result).toMatchObject({
    ok: false,
    errors: [{ field: 'parameters.p', message: expect.stringMatching(message) }],
  });
});

it.each<[string, ParameterDeclaration, RegExp]>([
  ['region', 'x', /own/],
  ['cluster', 'x', /own/],
  ['cluster.x', 'x', /own/],
  ['1a', 'x', /name is not valid/],
  ['__proto__ ', 'x', /name is not valid/],
  ['a', '${other}', /names other/],
  ['a', '${', /not closed/],
  ['a', { type: 'number', value: 'five' }, /no number/],
  ['a', { type: 'number', value: '9007199254740993' }, /no number/],
  ['a', { type: 'boolean', value: 'yes' }, /no boolean/],
  ['a', 'x'.repeat(RENDER_LIMITS.parameterBytes + 1), /more than/],
])('refuses to declare %s as %j', (name, declaration, message) => {
  const result = declareParameters({ [name]: declaration }, RENDER_LIMITS);
  expect(result).toMatchObject({
    ok: false,
    errors: [{ field: `parameters.${name}`, message: expect.stringMatching(message), remedy: expect.any(String) }],
  });
});

it('refuses more parameters than the limit', () => {
  const many = Object.fromEntries(Array.from({ length: RENDER_LIMITS.parameters + 1 }, (_, i) => [`p${i}`, i]));
  expect(declareParameters(many, RENDER_LIMITS)).toMatchObject({ ok: false, errors: [{ field: 'parameters' }] });
});
