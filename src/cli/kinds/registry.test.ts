import type { CliError } from '../errors';
import { kindAndName, kindOf } from './registry';

function hintOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as CliError).parts.hint;
  }
  return undefined;
}

describe('kinds', () => {
  it.each([
    ['cluster', 'cluster'],
    ['Clusters', 'cluster'],
    ['cl', 'cluster'],
    ['apps', 'application'],
    ['app', 'application'],
    ['src', 'source'],
    ['targets', 'target'],
  ])('are known as %s', (word, name) => {
    expect(kindOf(word).name).toBe(name);
  });

  it('may stand with the name in one word', () => {
    expect(kindAndName('app/web', undefined, 'get')).toMatchObject({ kind: { name: 'application' }, name: 'web' });
    expect(() => kindAndName('app/web', 'other', 'get')).toThrow(/one too many/);
  });

  it('are suggested when they are mistyped or do not fit', () => {
    expect(() => kindOf('aplication')).toThrow(/no kind "aplication"/);
    expect(() => kindOf('targets', 'delete')).toThrow(/targets cannot be named here/);
    expect(hintOf(() => kindOf('clutsers'))).toMatch(/^did you mean "clusters"\?/);
    expect(hintOf(() => kindOf('foo'))).toMatch(/^there are: clusters, /);
  });
});
