import { appClaims, readTokenAnswer } from './github-app';

const now = new Date('2026-03-01T12:00:00.500Z');

describe('a GitHub App', () => {
  it('asserts itself for less than ten minutes, from before now', () => {
    const { iss, iat, exp } = appClaims('Iv23.abc', now);
    expect(iss).toBe('Iv23.abc');
    expect(iat).toBeLessThan(now.getTime() / 1000 - 30);
    expect(exp - now.getTime() / 1000).toBeLessThan(600);
  });

  it('renews its token before it expires, and within the hour', () => {
    const answer = (expires_at: string) => readTokenAnswer({ token: 'ghs_x', expires_at, permissions: {} }, now);
    expect(answer('2026-03-01T13:00:00Z')?.renewAt).toEqual(new Date('2026-03-01T12:50:00Z'));
    expect(answer('2099-01-01T00:00:00Z')?.renewAt).toEqual(new Date('2026-03-01T12:50:00.500Z'));
    expect(answer('2026-03-01T12:05:00Z')!.renewAt.getTime()).toBeLessThan(now.getTime());
    expect(answer('tomorrow')).toBeUndefined();
    expect(readTokenAnswer({ token: 'a\nb', expires_at: '2026-03-01T13:00:00Z' }, now)).toBeUndefined();
    expect(readTokenAnswer('<html>', now)).toBeUndefined();
  });
});
