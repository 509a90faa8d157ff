import { median, percentile, rounded } from './statistics';

describe('percentiles by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('gives a value that was measured', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2);
  });

  it('sorts by size, not as text, and leaves its argument alone', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('refuses what has no answer', () => {
    expect(() => percentile([], 0.5)).toThrow('no values');
    expect(() => percentile([1], 0)).toThrow('not in');
    expect(() => percentile([1], 50)).toThrow('not in');
  });

  it('rounds to digits', () => {
    expect(rounded(12.345, 1)).toBe(12.3);
    expect(rounded(12.96, 0)).toBe(13);
  });
});
