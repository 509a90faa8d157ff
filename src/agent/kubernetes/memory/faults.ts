import type { ObjectReference } from '#libs/kubernetes/object';
import { KubernetesError } from '../port';
import type { Clock } from './clock';

export type Verb = 'version' | 'discover' | 'get' | 'list' | 'watch' | 'apply' | 'create' | 'replace' | 'delete';

/** One request, as faults, latency and authorization see it. */
export interface Operation {
  verb: Verb;
  /** `name` is empty for a list, all is empty for the version. */
  reference: ObjectReference;
  dryRun: boolean;
  as?: string;
}

interface Fault {
  matches: (operation: Operation) => boolean;
  error: Error;
  timesLeft: number;
  moment: 'before' | 'after';
}

const writeVerbs: ReadonlySet<Verb> = new Set<Verb>(['apply', 'create', 'replace', 'delete']);

/** What can go wrong between the agent and its API server, and how often it asked. */
export class Faults {
  private readonly planned: Fault[] = [];
  private partitioned = false;
  /** Ends every watch that is open. */
  private readonly openWatches = new Set<(error: Error) => void>();
  private readonly requests: Record<Verb, number> = emptyCounts();
  private readonly changes: Record<Verb, number> = emptyCounts();

  constructor(
    private readonly clock: Clock,
    private latencyMs: (operation: Operation) => number,
  ) {}

  /** The next `times` matching requests fail, and change nothing. */
  failNext(matches: (operation: Operation) => boolean, error: Error, times = 1): void {
    this.planned.push({ matches, error, timesLeft: times, moment: 'before' });
  }

  /** The next `times` matching requests do their work, and then their answer is lost. */
  loseAnswers(matches: (operation: Operation) => boolean, error: Error, times = 1): void {
    this.planned.push({ matches, error, timesLeft: times, moment: 'after' });
  }

  /** While on, nothing gets through. */
  partition(on: boolean): void {
    this.partitioned = on;
    if (on) this.breakWatches(new KubernetesError('unavailable', 'the connection to the API server was lost'));
  }

  /** Ends every open watch with an error. */
  breakWatches(error: Error): void {
    for (const end of [...this.openWatches]) end(error);
  }

  /** Known to `breakWatches` until the answer is called. */
  watching(end: (error: Error) => void): () => void {
    this.openWatches.add(end);
    return () => this.openWatches.delete(end);
  }

  get watchCount(): number {
    return this.openWatches.size;
  }

  setLatency(latencyMs: (operation: Operation) => number): void {
    this.latencyMs = latencyMs;
  }

  clear(): void {
    this.planned.length = 0;
    this.partitioned = false;
  }

  /** Requests by verb, and of them the writes that changed something. */
  counters(): {
    requests: Record<Verb, number>;
    changes: Record<Verb, number>;
    totalRequests: number;
    totalChanges: number;
  } {
    const sum = (counts: Record<Verb, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
    return {
      requests: { ...this.requests },
      changes: { ...this.changes },
      totalRequests: sum(this.requests),
      totalChanges: sum(this.changes),
    };
  }

  resetCounters(): void {
    Object.assign(this.requests, emptyCounts());
    Object.assign(this.changes, emptyCounts());
  }

  countChange(verb: Verb): void {
    if (writeVerbs.has(verb)) this.changes[verb] += 1;
  }

  async before(operation: Operation): Promise<void> {
    this.requests[operation.verb] += 1;
    const delayMs = this.latencyMs(operation);
    if (delayMs > 0) await new Promise<void>((resolve) => this.clock.after(delayMs, resolve));
    if (this.partitioned) throw new KubernetesError('unavailable', 'the API server cannot be reached');
    this.throwPlanned(operation, 'before');
  }

  after(operation: Operation): void {
    if (this.partitioned) throw new KubernetesError('unavailable', 'the connection to the API server was lost');
    this.throwPlanned(operation, 'after');
  }

  private throwPlanned(operation: Operation, moment: Fault['moment']): void {
    const index = this.planned.findIndex((fault) => fault.moment === moment && fault.matches(operation));
    const fault = this.planned[index];
    if (!fault) return;
    fault.timesLeft -= 1;
    if (fault.timesLeft <= 0) this.planned.splice(index, 1);
    throw fault.error;
  }
}

function emptyCounts(): Record<Verb, number> {
  return { version: 0, discover: 0, get: 0, list: 0, watch: 0, apply: 0, create: 0, replace: 0, delete: 0 };
}
