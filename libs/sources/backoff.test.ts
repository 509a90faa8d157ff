import { nextPoll } from './backoff';

const now = new Date('2026-01-01T00:00:00Z');
const seconds = (interval: number, failures: number, random: number): number =>
  (nextPoll(now, interval, failures, () => random).getTime() - now.getTime()) / 1000;

describe('the next poll', () => {
  it('comes after the interval, give or take a tenth', () => {
    expect(seconds(60, 0, 0)).toBe(54);
    expect(seconds(60, 0, 0.5)).toBe(60);
    expect(seconds(60, 0, 0.999999)).toBeCloseTo(66, 2);
  });

  it('backs off with each failure, to at most ten minutes', () => {
    expect(seconds(60, 1, 0.5)).toBe(120);
    expect(seconds(60, 2, 0.5)).toBe(240);
    for (const failures of [4, 10, 1000]) {
      expect(seconds(60, failures, 0.999999)).toBeLessThanOrEqual(600);
      expect(seconds(60, failures, 0)).toBeGreaterThan(450);
    }
  });

  it('never comes sooner than a long interval', () => {
    expect(seconds(3600, 3, 0.5)).toBe(3600);
  });
});
