import { suggestion } from './suggestion';

describe('a suggestion', () => {
  const known = ['region', 'labels', 'port', 'serviceAccount'];

  it.each([
    ['regoin', 'region'],
    ['lables', 'labels'],
    ['prot', 'port'],
    ['label', 'labels'],
    ['serviceaccount', 'serviceAccount'],
  ])('for %s is %s', (wanted, meant) => {
    expect(suggestion(wanted, known)).toBe(`did you mean "${meant}"?`);
  });

  it('lists what there is when nothing is near', () => {
    expect(suggestion('zzz', known)).toBe('known here: labels, port, region, serviceAccount');
  });

  it('is empty when there is nothing, or too much to list', () => {
    expect(suggestion('zzz', [])).toBe('');
    expect(
      suggestion(
        'zzz',
        Array.from({ length: 50 }, (_, index) => `name-${index}`),
      ),
    ).toBe('');
  });
});
