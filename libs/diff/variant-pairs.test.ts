import { pairVariants } from './variant-pairs';

describe('variants of two releases', () => {
  it('are compared where they have the same values', () => {
    const found = [
      { from: 'a1', to: 'a2' },
      { from: 'b1', to: 'b2' },
    ];
    expect(pairVariants(found)).toEqual({ pairs: found, unpaired: 0 });
  });

  it('are compared with the only variant of the other release where the values changed', () => {
    const found = [
      { from: 'a', to: null },
      { from: null, to: 'b' },
      { from: null, to: 'c' },
    ];
    expect(pairVariants(found)).toEqual({
      pairs: [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'c' },
      ],
      unpaired: 0,
    });
    expect(
      pairVariants([
        { from: 'a', to: null },
        { from: null, to: 'b' },
      ]),
    ).toEqual({
      pairs: [{ from: 'a', to: 'b' }],
      unpaired: 0,
    });
  });

  it('are counted where no counterpart can be told', () => {
    const found = [
      { from: 'a', to: null },
      { from: 'b', to: null },
      { from: null, to: 'c' },
      { from: null, to: 'd' },
    ];
    expect(pairVariants(found)).toEqual({ pairs: [], unpaired: 4 });
  });
});
