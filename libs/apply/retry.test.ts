import { retryClassOf, retryPlan, type RetryClass } from './retry';

const half = () => 0.5;
const zero = () => 0;
const almostOne = () => 0.999_999;

describe('retryPlan', () => {
  it.each<[RetryClass, string]>([
    ['invalid', 'refuses the object'],
    ['forbidden', 'lacks the permission'],
    ['unauthorized', 'does not accept the credential'],
    ['tooLarge', 'larger than the API server takes'],
    ['alreadyExists', 'another object has this name'],
    ['fieldConflict', 'other managers own fields'],
  ])('does not try %s again within a sync', (errorClass, reason) => {
    const plan = retryPlan(errorClass, 1, undefined, half);
    expect(plan).toEqual({ kind: 'giveUp', reason: expect.stringContaining(reason) });
    expect(plan).toEqual({ kind: 'giveUp', reason: expect.stringContaining('next full comparison') });
  });

  it('doubles the window of the backoff up to its cap, with full jitter', () => {
    const windows = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryPlan('unavailable', attempt, undefined, almostOne));
    expect(windows.map((plan) => (plan.kind === 'retry' ? plan.delayMs : plan.reason))).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000,
    ]);
    expect(retryPlan('unavailable', 7, undefined, zero)).toEqual({ kind: 'retry', delayMs: 0 });
    expect(retryPlan('notFound', 7, undefined, almostOne)).toEqual({ kind: 'retry', delayMs: 10_000 });
  });

  it.each<[RetryClass, number]>([
    ['notFound', 8],
    ['unavailable', 8],
    ['timeout', 6],
    ['conflict', 4],
    ['throttled', 10],
  ])('gives %s up after %d attempts', (errorClass, maxAttempts) => {
    expect(retryPlan(errorClass, maxAttempts - 1, undefined, half).kind).toBe('retry');
    expect(retryPlan(errorClass, maxAttempts, undefined, half)).toEqual({
      kind: 'giveUp',
      reason: expect.stringContaining(`in ${maxAttempts} attempts`),
    });
  });

  it('waits as long as a throttling server says, and a little more', () => {
    expect(retryPlan('throttled', 1, 5_000, zero)).toEqual({ kind: 'retry', delayMs: 5_000 });
    expect(retryPlan('throttled', 1, 5_000, half)).toEqual({ kind: 'retry', delayMs: 5_500 });
    expect(retryPlan('throttled', 1, undefined, zero)).toEqual({ kind: 'retry', delayMs: 1_000 });
  });

  it('does not let a server make it wait for hours, or less than nothing', () => {
    expect(retryPlan('throttled', 1, 86_400_000, zero)).toEqual({ kind: 'retry', delayMs: 60_000 });
    expect(retryPlan('throttled', 1, -1, zero)).toEqual({ kind: 'retry', delayMs: 0 });
    expect(retryPlan('throttled', 1, NaN, zero)).toEqual({ kind: 'retry', delayMs: 0 });
    expect(retryPlan('unavailable', 1, 86_400_000, zero)).toEqual({ kind: 'retry', delayMs: 30_000 });
  });

  it('believes an unavailable server that says when it will be back', () => {
    expect(retryPlan('unavailable', 1, 3_000, almostOne)).toEqual({ kind: 'retry', delayMs: 3_000 });
  });

  it('reads again at once after a race, but not when managers hold fields', () => {
    expect(retryClassOf('conflict', 0)).toBe('conflict');
    expect(retryClassOf('conflict', 2)).toBe('fieldConflict');
    expect(retryClassOf('timeout', 2)).toBe('timeout');
    expect(retryPlan('conflict', 1, undefined, almostOne)).toEqual({ kind: 'retry', delayMs: 50 });
  });
});
