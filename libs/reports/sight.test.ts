import { look, type Offsets } from './sight';

const at = (second: number) => new Date(second * 1000);
const offsets = (a: bigint, b = 0n): Offsets =>
  new Map([
    ['t/0', a],
    ['t/1', b],
  ]);

describe('up to when the hub sees', () => {
  it('is now, once it has taken in all that there is', () => {
    expect(look(undefined, { at: at(1), ends: offsets(5n) }, new Map([['t/0', 5n]]))).toEqual({ seenUntil: at(1) });
  });

  it('moves on under load, by the ends that were noted before', () => {
    const first = look(undefined, { at: at(1), ends: offsets(5n) }, offsets(3n));
    expect(first).toEqual({ ahead: { at: at(1), ends: offsets(5n) } });
    const second = look(first.ahead, { at: at(2), ends: offsets(9n) }, offsets(6n));
    expect(second).toEqual({ seenUntil: at(1), ahead: { at: at(2), ends: offsets(9n) } });
  });

  it('stays where it is while any partition stays behind', () => {
    const ahead = { at: at(1), ends: offsets(5n, 5n) };
    expect(look(ahead, { at: at(2), ends: offsets(9n, 5n) }, offsets(9n, 4n))).toEqual({ ahead });
  });
});
