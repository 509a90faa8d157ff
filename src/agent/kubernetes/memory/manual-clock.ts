import type { Clock } from './clock';

interface Timer {
  atMs: number;
  order: number;
  callback: () => void;
}

/** Time that passes only when it is told to: for tests and simulations. */
export class ManualClock implements Clock {
  private readonly timers = new Set<Timer>();
  private order = 0;

  constructor(private currentMs = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.currentMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.order += 1;
    const timer = { atMs: this.currentMs + delayMs, order: this.order, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Runs what falls due, in its order, also what that sets. */
  advance(durationMs: number): void {
    const untilMs = this.currentMs + durationMs;
    for (let next = this.nextDue(untilMs); next; next = this.nextDue(untilMs)) {
      this.timers.delete(next);
      this.currentMs = Math.max(this.currentMs, next.atMs);
      next.callback();
    }
    this.currentMs = untilMs;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  private nextDue(untilMs: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.atMs <= untilMs);
    return due.sort((left, right) => left.atMs - right.atMs || left.order - right.order)[0];
  }
}
