import { age, ago, durationText, parseDuration } from './age';

const now = new Date('2026-01-02T00:00:00Z');

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119_999, '119s'],
    [120_000, '2m'],
    [119 * 60_000, '119m'],
    [120 * 60_000, '2h'],
    [47 * 3_600_000, '47h'],
    [48 * 3_600_000, '2d'],
    [-5, '0s'],
  ])('of %d ms read %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('are empty where there is no time', () => {
    expect(age(undefined, now)).toBe('');
    expect(age('nonsense', now)).toBe('');
    expect(ago(undefined, now)).toBe('never');
    expect(ago('2026-01-01T23:59:00Z', now)).toBe('60s ago');
  });

  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['90d', 7_776_000_000],
    ['250ms', 250],
    ['5', undefined],
    ['5 m', undefined],
    ['', undefined],
    ['m', undefined],
  ])('are read: %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});
