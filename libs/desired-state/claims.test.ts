import fc from 'fast-check';
import { type Claimant, refusedClaims } from './claims';

const claimant = (application: string, since: number, wanted: string[], carried: string[] = []): Claimant => ({
  application,
  name: application,
  since,
  wanted,
  carried,
});

describe('claims of objects', () => {
  it('refuses the newcomer, and names object and holder', () => {
    const refusals = refusedClaims([claimant('old', 9, ['x', 'y'], ['x']), claimant('new', 1, ['x', 'z'])]);
    expect(refusals).toEqual([{ application: 'new', object: 'x', holder: 'old' }]);
  });

  it('gives the object to the earlier of two newcomers', () => {
    expect(refusedClaims([claimant('b', 2, ['x']), claimant('a', 1, ['x'])])).toEqual([
      { application: 'b', object: 'x', holder: 'a' },
    ]);
  });

  it('lets an object move between two applications in one pass', () => {
    expect(refusedClaims([claimant('from', 2, ['y'], ['x', 'y']), claimant('to', 1, ['x'])])).toEqual([]);
  });

  it('keeps an object with whom is refused and so does not give it up', () => {
    const refusals = refusedClaims([
      claimant('first', 1, ['x']),
      claimant('second', 2, ['z'], ['x']),
      claimant('third', 3, ['z'], ['z']),
    ]);
    expect(refusals.map(({ application }) => application).sort()).toEqual(['first', 'second']);
  });

  it('never leaves one object with two applications', () => {
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    const fleet = fc.array(fc.record({ wanted: keys, carried: keys, since: fc.integer({ min: 0, max: 3 }) }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fleet, (given) => {
        const seen = new Set<string>();
        const claimants = given.map(({ wanted, carried, since }, index) =>
          // What is carried is disjoint already: that is what earlier passes have seen to.
          claimant(
            `app-${index}`,
            since,
            wanted,
            carried.filter((key) => !seen.has(key) && seen.add(key)),
          ),
        );
        const refused = new Set(refusedClaims(claimants).map(({ application }) => application));
        const held = claimants.flatMap((one) => (refused.has(one.application) ? one.carried : one.wanted));
        expect(new Set(held).size).toBe(held.length);
      }),
    );
  });
});
