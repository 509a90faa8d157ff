import { CliError } from '../errors';
import type { Declaration } from './check';
import { documentFor, isUnchanged } from './compare';
import { declarationsOf } from './declarations';

const source = (name = 'web') =>
  `apiVersion: flotilla.dev/v1\nkind: Source\nmetadata: { name: ${name} }\nspec: { url: https://git.example.com/${name}.git }\n`;
const application =
  'apiVersion: flotilla.dev/v1\nkind: Application\nmetadata: { name: web }\nspec: { source: web, placement: { all: true } }\n';
const cluster = (spec = '{ region: eu }', labels = '') =>
  `apiVersion: flotilla.dev/v1\nkind: Cluster\nmetadata: { name: fra-1${labels} }\nspec: ${spec}\n`;

const read = (...texts: string[]) => declarationsOf(texts.map((text, index) => ({ name: `f${index}.yaml`, text })));
function errorsOf(...texts: string[]): readonly string[] {
  try {
    read(...texts);
  } catch (error) {
    if (error instanceof CliError) return error.parts.details ?? [error.message];
    throw error;
  }
  throw new Error('it was accepted');
}

describe('declarations', () => {
  it('are read from several documents and files, in the order in which they can be applied', () => {
    const read3 = read(`${application}---\n${source()}---\n# nothing\n---\n`, cluster());
    expect(read3.map(({ kind, name, at }) => [kind, name, at])).toEqual([
      ['Cluster', 'fra-1', 'f1.yaml:1'],
      ['Source', 'web', 'f0.yaml:6'],
      ['Application', 'web', 'f0.yaml:1'],
    ]);
  });

  it('are JSON as well', () => {
    const json = JSON.stringify({
      apiVersion: 'flotilla.dev/v1',
      kind: 'Cluster',
      metadata: { name: 'a' },
      spec: { region: 'eu' },
    });
    expect(read(json)[0]).toMatchObject({ kind: 'Cluster', name: 'a' });
  });

  it('may be what `get -o yaml` printed', () => {
    const printed = `${cluster()}status: { lifecycle: joined }\n`.replace(
      'name: fra-1',
      'name: fra-1, id: x, version: 3, createdAt: y, updatedAt: z',
    );
    expect(read(printed)).toHaveLength(1);
  });

  it('are refused all at once, each error with its file and line', () => {
    const wrong = `${source()}---\napiVersion: flotilla.dev/v1\nkind: Application\nmetadata:\n  name: web\nspec:\n  source: web\n  pacement: { all: true }\n  sync:\n    pruneLimits: { maxObject: 3 }\n`;
    expect(errorsOf(wrong, cluster('{ region: EU }'))).toEqual([
      'f0.yaml:10: spec.placement: is missing',
      expect.stringMatching(/^f0\.yaml:14: spec\.sync\.pruneLimits\.maxObject: .*did you mean "maxObjects"\?/),
      expect.stringMatching(/^f0\.yaml:12: spec\.pacement: .*did you mean "placement"\?/),
      expect.stringMatching(/^f1\.yaml:4: spec\.region: /),
    ]);
  });

  it.each([
    ['kind: Source', /^f0\.yaml:1: apiVersion: is missing/],
    ['apiVersion: v1\nkind: ConfigMap', /^f0\.yaml:1: apiVersion: .*belong in the repository of a source/],
    ['apiVersion: flotilla.dev/v1\nkind: Sorce', /^f0\.yaml:2: kind: .*did you mean "Source"\?/],
    ['apiVersion: flotilla.dev/v1', /^f0\.yaml:1: kind: is missing/],
    ['- a', /is no mapping/],
    ['a: 1\na: 2', /^f0\.yaml:2: .*unique/],
    ['a: [', /^f0\.yaml:1: /],
  ])('are not %j', (text, message) => {
    expect(errorsOf(text)[0]).toMatch(message);
  });

  it('are declared once', () => {
    expect(errorsOf(source(), source())).toEqual(['f1.yaml:1: Source/web is declared at f0.yaml:1 already']);
  });

  it('are not nothing', () => {
    expect(errorsOf('# nothing')[0]).toMatch(/no document/);
  });
});

describe('what a declaration changes', () => {
  const first = (text: string): Declaration => read(text)[0]!;
  const current = {
    metadata: { labels: { tier: 'web' }, version: 3 },
    spec: { region: 'eu', serviceAccount: 'a/b', cordoned: true },
  };

  it('leaves what a file does not say of a cluster as it is', () => {
    const document = documentFor(first(cluster()), current);
    expect(document).toMatchObject({ metadata: { labels: { tier: 'web' } }, spec: current.spec });
    expect(isUnchanged(document, current)).toBe(true);
  });

  it('takes what a file says of a cluster', () => {
    const document = documentFor(first(cluster('{ region: us, cordoned: false }', ', labels: {}')), current);
    expect(document).toMatchObject({
      metadata: { labels: {} },
      spec: { region: 'us', cordoned: false, serviceAccount: 'a/b' },
    });
    expect(isUnchanged(document, current)).toBe(false);
  });

  it('is nothing where the hub has the same, defaults included', () => {
    const declaration = first(source());
    const document = documentFor(declaration, { metadata: {}, spec: {} });
    expect(isUnchanged(document, { metadata: {}, spec: { ...document.spec, caCertificate: undefined } })).toBe(true);
    expect(isUnchanged(document, { metadata: {}, spec: { ...document.spec, pollSeconds: 61 } })).toBe(false);
  });

  it('is only known by the hub where credentials are given', () => {
    const declaration = first(source().replace('web.git', 'web.git, credentials: { kind: bearer, token: x }'));
    expect(declaration.document.spec).toHaveProperty('credentials');
    expect(isUnchanged(declaration.document, { metadata: {}, spec: declaration.document.spec })).toBe(false);
  });
});
