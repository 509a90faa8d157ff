import { FailedAttempts } from './failed-attempts';

describe('wrong tokens', () => {
  let nowMs = 0;
  const limiter = () => new FailedAttempts({ maxFailures: 3, windowMs: 60_000, nowMs: () => nowMs });
  beforeEach(() => {
    nowMs = 1_000_000;
  });

  it('are looked at so many times in a window, by address', () => {
    const attempts = limiter();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(attempts.waitSeconds('10.0.0.1', 'wrong')).toBe(0);
      attempts.failed('10.0.0.1');
    }
    expect(attempts.waitSeconds('10.0.0.1', 'wrong')).toBe(60);
    expect(attempts.waitSeconds('10.0.0.2', 'wrong')).toBe(0);
    nowMs += 59_500;
    expect(attempts.waitSeconds('10.0.0.1', 'wrong')).toBe(1);
    nowMs += 500;
    expect(attempts.waitSeconds('10.0.0.1', 'wrong')).toBe(0);
    attempts.failed('10.0.0.1');
    expect(attempts.waitSeconds('10.0.0.1', 'wrong')).toBe(0);
  });

  it('do not shut out those behind the same address whose token was right lately', () => {
    const attempts = limiter();
    attempts.succeeded('right');
    for (let attempt = 0; attempt < 10; attempt += 1) attempts.failed('10.0.0.1');
    expect(attempts.waitSeconds('10.0.0.1', 'right')).toBe(0);
    expect(attempts.waitSeconds('10.0.0.1', 'another')).toBeGreaterThan(0);
  });
});
