import type { Bench, Measured } from './bench';
import { helpText, jsonLine, listing, readable } from './summary';

const bench: Bench = {
  name: 'speed',
  summary: 'how fast',
  figures: {
    p50Ms: { what: 'half of them', target: { atMost: 1_000 } },
    writes: { what: 'writes', target: { exactly: 1 } },
    seen: { what: 'without a target' },
  },
  limit: 'light',
  setup: ['on rails'],
  run: () => Promise.reject(new Error('not here')),
};
const measured: Measured = {
  figures: { p50Ms: 120.5, writes: 2, seen: 3 },
  limit: { p50Ms: 10 },
  ratio: 12.05,
  notes: ['a note'],
};

describe('what a bench says', () => {
  it('is one JSON object with exactly four names, and no notes', () => {
    expect(JSON.parse(jsonLine(bench, measured))).toEqual({
      bench: 'speed',
      figures: { p50Ms: 120.5, writes: 2, seen: 3 },
      limit: { p50Ms: 10 },
      ratio: 12.05,
    });
  });

  it('shows what reaches its target and what misses it', () => {
    const text = readable(bench, measured, '2 cores').join('\n');
    expect(text).toContain('half of them; reaches <= 1,000');
    expect(text).toContain('writes; MISSES = 1');
    expect(text).toContain('without a target\n');
    expect(text).toContain('a note\n2 cores');
  });

  it('lists and explains every bench', () => {
    expect(listing([bench])).toEqual(['speed        how fast']);
    expect(helpText([bench]).join('\n')).toContain('  p50Ms: half of them (<= 1,000)\n');
  });
});
