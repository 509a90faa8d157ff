import { type AgentRuntime, jittered } from '../runtime';
import type { Reconciler } from '../reconcile/reconciler';
import type { Target } from '../reconcile/target';

const firstMs = 1_000;
const progressingCapMs = 10_000;
const unwellCapMs = 30_000;

export interface HealthLoopOptions {
  reconciler: Reconciler;
  runtime: AgentRuntime;
  /** How often all is looked at, however well it is. */
  settledMs: number;
}

/** Looks at what is not healthy yet with growing pauses, and at everything now and then. One timer for all targets. */
export class HealthLoop {
  private readonly due = new Map<Target, { pauseMs: number; atMs: number }>();
  private wake = new AbortController();

  constructor(private readonly options: HealthLoopOptions) {}

  /** Something has changed: a target may have begun to progress. */
  nudge(): void {
    this.wake.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { runtime, reconciler, settledMs } = this.options;
    signal.addEventListener('abort', () => this.wake.abort(), { once: true });
    let allAtMs = runtime.monotonicMs() + jittered(settledMs, 0.2, runtime.random);
    while (!signal.aborted) {
      this.wake = new AbortController();
      const nowMs = runtime.monotonicMs();
      const ids = this.dueTargets(nowMs);
      if (nowMs >= allAtMs) {
        await reconciler.lookAtHealth('all');
        allAtMs = runtime.monotonicMs() + jittered(settledMs, 0.2, runtime.random);
      } else if (ids.length > 0) {
        await reconciler.lookAtHealth(ids);
      }
      const nextMs = Math.min(allAtMs, ...[...this.due.values()].map(({ atMs }) => atMs));
      if (!signal.aborted) await runtime.sleep(Math.max(50, nextMs - runtime.monotonicMs()), this.wake.signal);
    }
  }

  private dueTargets(nowMs: number): string[] {
    const ids: string[] = [];
    const targets = new Set(this.options.reconciler.targets());
    for (const target of this.due.keys()) if (!targets.has(target)) this.due.delete(target);
    for (const target of targets) {
      const capMs = pollCapMs(target);
      const planned = this.due.get(target);
      if (capMs === undefined) this.due.delete(target);
      else if (planned === undefined) this.due.set(target, { pauseMs: firstMs, atMs: nowMs + firstMs });
      else if (planned.atMs <= nowMs) {
        ids.push(target.desired.id);
        const pauseMs = Math.min(capMs, planned.pauseMs * 1.6);
        this.due.set(target, { pauseMs, atMs: nowMs + pauseMs });
      }
    }
    return ids;
  }
}

/** The longest pause between looks at a target; undefined for one that is well, or was never looked at. */
function pollCapMs(target: Target): number | undefined {
  let capMs: number | undefined;
  for (const { status } of target.health.values()) {
    if (status === 'progressing') return progressingCapMs;
    if (status !== 'healthy') capMs = unwellCapMs;
  }
  return capMs;
}
