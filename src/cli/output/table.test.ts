import { painter } from './colour';
import { type Column, table, tableKey } from './table';

interface Item {
  name: string;
  count: number;
  age: string;
  note?: string;
}
const columns: Column<Item>[] = [
  { header: 'NAME', value: ({ name }) => name },
  { header: 'COUNT', value: ({ count }) => count, right: true, colour: ({ count }) => (count > 9 ? 'red' : undefined) },
  { header: 'AGE', value: ({ age }) => age, moving: true },
  { header: 'NOTE', value: ({ note }) => note, wide: true },
];
const items: Item[] = [
  { name: 'a', count: 5, age: '5m' },
  { name: 'longer', count: 12, age: '', note: 'x' },
];

describe('a table', () => {
  it('aligns columns without borders and marks empty cells', () => {
    expect(table(columns, items)).toBe('NAME    COUNT  AGE\na           5  5m\nlonger     12  -\n');
  });

  it('has more columns when it is wide, and no headers when they are not wanted', () => {
    expect(table(columns, items, { wide: true, headers: false })).toBe('a        5  5m  -\nlonger  12  -   x\n');
  });

  it('is aligned by what is seen, not by the colours', () => {
    const paint = painter({ write: () => undefined, isTTY: true }, {});
    const painted = table(columns, items, { paint });
    expect(painted).toContain('\u001b[31m12\u001b[0m');
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(table(columns, items));
  });

  it('does not let what others wrote move the cursor', () => {
    const evil = { name: 'a\u001b[2Jb\nc', count: 1, age: '1s' };
    expect(table(columns, [evil])).not.toMatch(/\u001b|b\nc/);
  });

  it('says nothing new when only ages have moved', () => {
    const later = items.map((item) => ({ ...item, age: '99d' }));
    expect(tableKey(columns, later)).toBe(tableKey(columns, items));
    expect(tableKey(columns, [{ ...items[0]!, count: 6 }])).not.toBe(tableKey(columns, [items[0]!]));
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('on a terminal (%s) with %j: %s', (isTTY, env, coloured) => {
    expect(painter({ write: () => undefined, isTTY }, env)('x', 'red') !== 'x').toBe(coloured);
  });
});
