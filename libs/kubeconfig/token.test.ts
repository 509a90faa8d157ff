import { isRenewalDue, serviceAccountTokenClaims } from './token';

const hours = (count: number) => new Date(count * 3_600_000);

describe('the life of a token', () => {
  it('is renewed when half of it has passed', () => {
    const life = { since: hours(0), until: hours(24) };
    expect(isRenewalDue(life, hours(11))).toBe(false);
    expect(isRenewalDue(life, hours(12))).toBe(true);
    expect(isRenewalDue(life, hours(30))).toBe(true);
  });

  it('without an end is exchanged for one with', () => expect(isRenewalDue(undefined, hours(0))).toBe(true));

  it('that ended before it began is renewed', () =>
    expect(isRenewalDue({ since: hours(5), until: hours(4) }, hours(5))).toBe(true));
});

it.each(['', 'a.b', 'a.b.c', 'a.e30.c', `a.${Buffer.from('{"sub":1}').toString('base64url')}.c`, 'x'.repeat(20_000)])(
  'is no service account token: %s',
  (token) => expect(serviceAccountTokenClaims(token)).toBeUndefined(),
);
