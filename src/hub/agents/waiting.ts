import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Notifications } from '#src/hub/stages/notifications';

/** The long polls that this replica holds: a wake-up for each cluster, by notification from whichever replica. */
@Injectable()
export class Waiting implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly waiters = new Map<string, Set<() => void>>();
  private stopping = false;

  constructor(private readonly notifications: Notifications) {}

  onApplicationBootstrap(): void {
    this.notifications.on('flotilla_root', (ids) => {
      for (const id of ids.split(',')) this.wake(id);
    });
    this.notifications.on('flotilla_hold', () => this.wakeAll());
    // What was announced while nobody listened is found by looking again.
    this.notifications.on('caughtUp', () => this.wakeAll());
  }

  /** Held polls end before the server waits for its requests. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    this.wakeAll();
  }

  /** This hub is going away: answer, and do not wait. */
  get isStopping(): boolean {
    return this.stopping;
  }

  get count(): number {
    let count = 0;
    for (const set of this.waiters.values()) count += set.size;
    return count;
  }

  /**
   * Begin before you look, so that nothing falls between the look and the wait.
   * @returns `woken` resolves at a wake-up, after `waitMs`, or when the agent goes away; `end` must be called
   */
  begin(clusterId: string, waitMs: number, aborted: AbortSignal): { woken: Promise<void>; end: () => void } {
    let wake!: () => void;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const timer = setTimeout(wake, waitMs);
    aborted.addEventListener('abort', wake, { once: true });
    const set = this.waiters.get(clusterId) ?? new Set();
    this.waiters.set(clusterId, set.add(wake));
    const end = (): void => {
      clearTimeout(timer);
      aborted.removeEventListener('abort', wake);
      set.delete(wake);
      if (set.size === 0 && this.waiters.get(clusterId) === set) this.waiters.delete(clusterId);
    };
    return { woken, end };
  }

  private wake(clusterId: string): void {
    for (const wake of this.waiters.get(clusterId) ?? []) wake();
  }

  private wakeAll(): void {
    for (const id of [...this.waiters.keys()]) this.wake(id);
  }
}
