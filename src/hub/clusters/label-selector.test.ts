import { parseLabelSelector } from './label-selector';

describe('a label selector', () => {
  it.each([
    ['', []],
    ['tier=web', [{ key: 'tier', operator: 'In', values: ['web'] }]],
    ['tier==web', [{ key: 'tier', operator: 'In', values: ['web'] }]],
    ['tier!=web', [{ key: 'tier', operator: 'NotIn', values: ['web'] }]],
    ['canary=', [{ key: 'canary', operator: 'In', values: [''] }]],
    ['zone in (a, b)', [{ key: 'zone', operator: 'In', values: ['a', 'b'] }]],
    ['example.com/zone notin (a)', [{ key: 'example.com/zone', operator: 'NotIn', values: ['a'] }]],
    [
      'zone in (a,b), canary,!legacy',
      [
        { key: 'zone', operator: 'In', values: ['a', 'b'] },
        { key: 'canary', operator: 'Exists' },
        { key: 'legacy', operator: 'DoesNotExist' },
      ],
    ],
  ])('reads %j', (text, expressions) => {
    expect(parseLabelSelector(text)).toEqual({ ok: true, expressions });
  });

  it.each(['tier in web', 'tier=web,,zone', '=web', 'zone in (a', 'tier=a b', 'not/a/key', 'tier=-x', ','])(
    'refuses %j',
    (text) => {
      expect(parseLabelSelector(text).ok).toBe(false);
    },
  );

  it('has a limit', () => {
    const text = Array.from({ length: 51 }, (_, index) => `key-${index}`).join(',');
    expect(parseLabelSelector(text)).toEqual({ ok: false, message: 'at most 50 requirements' });
  });
});
