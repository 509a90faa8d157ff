import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { totalmem } from 'node:os';
import type { FleetCounts } from './counts';
import type { FromPart, ToPart } from './messages';
import type { FleetSettings } from './options';
import type { FleetPart, PartRange } from './part';

const endsWithinMs = 20_000;
/** What is built, also for tests, which run from the sources. */
const built = __dirname.includes(`${path.sep}dist${path.sep}`)
  ? __dirname
  : path.join(__dirname, '..', '..', 'dist', 'src', 'simulate');
const program = path.join(built, 'part.process.js');

type Answer = Extract<FromPart, { request: number }>;

/** A part of a fleet in a process of its own. */
export class RemotePart implements FleetPart {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private requests = 0;
  private last: FleetCounts;
  private settle!: { resolve: () => void; reject: (error: Error) => void };
  private readonly started = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
  private isStopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly settings: FleetSettings,
    private readonly range: PartRange,
  ) {
    this.last = {
      clusters: range.to - range.from,
      running: 0,
      connected: 0,
      failed: 0,
      roots: 0,
      requests: 0,
      memoryBytes: 0,
      cpuSeconds: 0,
    };
    this.started.catch(() => undefined);
    child.on('message', (message: FromPart) => this.receive(message));
    child.once('exit', (code, signal) => this.onExit(signal ?? `code ${code}`));
  }

  /** @param parts how many processes there are: they share the memory of the machine */
  static open(settings: FleetSettings, range: PartRange, parts: number): RemotePart {
    const heapMb = Math.max(512, Math.floor((0.7 * totalmem()) / parts / 1_048_576));
    const child = fork(program, [], {
      execArgv: [`--max-old-space-size=${heapMb}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    return new RemotePart(child, settings, range);
  }

  start(): Promise<void> {
    return this.started;
  }

  async counts(): Promise<FleetCounts> {
    const answer = await this.ask((request) => ({ kind: 'counts', request }));
    if (answer?.kind === 'counts') this.last = answer.counts;
    return this.last;
  }

  async holding(generation: number): Promise<number> {
    const answer = await this.ask((request) => ({ kind: 'holding', request, generation }));
    return answer?.kind === 'holding' ? answer.count : 0;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.hasEnded) return;
    this.tell({ kind: 'stop' });
    const kill = setTimeout(() => this.child.kill('SIGKILL'), endsWithinMs);
    await once(this.child, 'exit');
    clearTimeout(kill);
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Undefined when the process has ended. */
  private ask(message: (request: number) => ToPart): Promise<Answer | undefined> {
    if (this.hasEnded || this.isStopping) return Promise.resolve(undefined);
    const request = (this.requests += 1);
    return new Promise((resolve) => {
      const gone = (): void => resolve(undefined);
      this.child.once('exit', gone);
      this.waiting.set(request, (answer) => {
        this.child.off('exit', gone);
        resolve(answer);
      });
      this.tell(message(request));
    });
  }

  private tell(message: ToPart): void {
    if (this.child.connected) this.child.send(message);
  }

  private receive(message: FromPart): void {
    switch (message.kind) {
      case 'ready':
        return this.tell({ kind: 'start', settings: this.settings, range: this.range });
      case 'started':
        return this.settle.resolve();
      case 'failed':
        return this.settle.reject(new Error(message.message));
      default: {
        const answered = this.waiting.get(message.request);
        this.waiting.delete(message.request);
        answered?.(message);
      }
    }
  }

  private onExit(how: string): void {
    const { from, to } = this.range;
    if (this.isStopping) return this.settle.resolve();
    this.last = { ...this.last, running: 0, connected: 0, failed: to - from, trouble: `a process has ended: ${how}` };
    this.settle.reject(new Error(`the process of clusters ${from + 1} to ${to} has ended: ${how}`));
  }
}
