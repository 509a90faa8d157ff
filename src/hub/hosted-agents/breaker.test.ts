import { Breaker } from './breaker';

describe('the breaker of a cluster', () => {
  let nowMs = 0;
  let breaker: Breaker;
  beforeEach(() => {
    nowMs = 0;
    breaker = new Breaker(
      () => nowMs,
      () => 0,
    );
  });
  const fail = (times: number) => {
    for (let time = 0; time < times; time += 1) breaker.failed();
  };

  it('lets calls through until five in a row have failed', () => {
    fail(4);
    expect(breaker.admit()).toBe(0);
    breaker.succeeded();
    fail(4);
    expect(breaker.admit()).toBe(0);
    fail(1);
    expect(breaker.admit()).toBe(500);
  });

  it('lets one through after the pause, and all when that one succeeds', () => {
    fail(5);
    nowMs = 500;
    expect(breaker.admit()).toBe(0);
    expect(breaker.admit()).toBeGreaterThan(0);
    breaker.succeeded();
    expect([breaker.admit(), breaker.admit()]).toEqual([0, 0]);
  });

  it('pauses longer each time, up to a minute', () => {
    fail(6);
    expect(breaker.admit()).toBe(1_000);
    fail(100);
    expect(breaker.admit()).toBe(30_000);
  });
});
