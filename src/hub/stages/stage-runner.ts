import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { FlowMetrics } from './flow-metrics';
import { Notifications } from './notifications';

export type StageName = 'fetch' | 'evaluate' | 'authorise' | 'roots';

/** A level-triggered step of the flow: it compares what is with what should be, in the database. */
export interface Stage {
  readonly name: StageName;
  /** Does at most one batch, and says how many things it did; 0 ends the round. Crash-safe between any two statements. */
  runOnce(): Promise<number>;
}

const safetyNetMs = 2_000;
const maxBackoffMs = 10_000;

interface StageState {
  stage: Stage;
  running: boolean;
  again: boolean;
  failures: number;
}

/** Runs each stage when it is woken, and every two seconds in case a wake-up was lost. */
@Injectable()
export class StageRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(StageRunner.name);
  private readonly states = new Map<StageName, StageState>();
  private readonly rounds = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    private readonly notifications: Notifications,
    private readonly metrics: FlowMetrics,
  ) {}

  register(stage: Stage): void {
    this.states.set(stage.name, { stage, running: false, again: false, failures: 0 });
  }

  onApplicationBootstrap(): void {
    this.notifications.on('flotilla_stage', (name) => this.wake(name as StageName));
    this.notifications.on('caughtUp', () => this.wakeAll());
    this.wakeAll();
  }

  /** While there still is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.rounds);
  }

  wake(name: StageName): void {
    const state = this.states.get(name);
    if (state === undefined || this.stopping) return;
    if (state.running) {
      state.again = true;
      return;
    }
    state.running = true;
    const round = this.round(state).finally(() => this.rounds.delete(round));
    this.rounds.add(round);
  }

  @Interval(safetyNetMs)
  wakeAll(): void {
    for (const name of this.states.keys()) this.wake(name);
  }

  private async round(state: StageState): Promise<void> {
    do {
      state.again = false;
      try {
        while (!this.stopping && (await this.pass(state.stage)) > 0);
        state.failures = 0;
      } catch (error) {
        state.failures += 1;
        this.metrics.stageFailures.inc({ stage: state.stage.name });
        this.logger.error(
          { stage: state.stage.name, failures: state.failures, err: error },
          'a stage failed; it will be tried again',
        );
        await this.pause(state.failures);
      }
    } while (state.again && !this.stopping);
    state.running = false;
  }

  private async pass(stage: Stage): Promise<number> {
    const end = this.metrics.stageSeconds.startTimer({ stage: stage.name });
    const done = await stage.runOnce();
    if (done > 0) end();
    return done;
  }

  private async pause(failures: number): Promise<void> {
    const ceilingMs = Math.min(maxBackoffMs, 200 * 2 ** failures);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * ceilingMs));
  }
}
