import { type AgentRuntime, jittered } from '../runtime';

export interface CompareLoopOptions {
  runtime: AgentRuntime;
  compareAll(): Promise<void>;
  onError(error: unknown): void;
}

/** Full comparisons, every now and then, once there is something to compare with. */
export class CompareLoop {
  private everyMs = 300_000;
  private wake = new AbortController();

  constructor(private readonly options: CompareLoopOptions) {}

  every(seconds: number): void {
    if (this.everyMs === seconds * 1_000) return;
    this.everyMs = seconds * 1_000;
    this.wake.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { runtime, compareAll, onError } = this.options;
    signal.addEventListener('abort', () => this.wake.abort(), { once: true });
    let lastMs = runtime.monotonicMs();
    while (!signal.aborted) {
      this.wake = new AbortController();
      const dueMs = lastMs + jittered(this.everyMs, 0.1, runtime.random);
      await runtime.sleep(Math.max(0, dueMs - runtime.monotonicMs()), this.wake.signal);
      // Woken for a new interval, or for the end.
      if (signal.aborted || this.wake.signal.aborted) continue;
      await compareAll().catch(onError);
      lastMs = runtime.monotonicMs();
    }
  }
}
