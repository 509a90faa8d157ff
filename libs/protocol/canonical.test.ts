import fc from 'fast-check';
import { canonicalJson } from './canonical';

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 code units, as RFC 8785 does', () => {
    expect(
      canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it('writes numbers as ECMAScript does', () => {
    expect(canonicalJson([333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });

  it('leaves out what is undefined in an object, and refuses what has no form', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
    for (const bad of [undefined, [undefined], NaN, Infinity, 1n, () => 1])
      expect(() => canonicalJson(bad)).toThrow(TypeError);
  });

  it('is the same for the same value in whatever order it was made, and reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
