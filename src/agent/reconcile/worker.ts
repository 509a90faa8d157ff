import { compareTarget } from '../compare/compare-target';
import { LiveReader } from '../compare/live-reader';
import { AgentError, messageOf } from '../errors';
import { lookAtHealth } from '../health/look';
import type { Inventory } from '../inventory/inventory';
import { fullJitterMs } from '../runtime';
import { applyTarget } from './apply-target';
import type { Pass, Shared } from './context';
import { removeTarget } from './remove-target';
import type { Target } from './target';

/** What is to be done with a target; asked for again while it is done, it is done again. */
export interface Todo {
  apply?: true;
  /** A full comparison, with the live objects of its round. */
  compare?: LiveReader;
  /** Objects of which a watch has told something, by key: the resource version they have since, if they are there. */
  changed?: ReadonlyMap<string, string | undefined>;
  /** Only health. */
  look?: { reader?: LiveReader; isNarrow: boolean };
}

export interface WorkerOptions {
  shared: Shared;
  target: Target;
  passFor(target: Target, signal: AbortSignal): Pass;
}

const retryBaseMs = 500;
const retryCapMs = 60_000;
const removalCapMs = 10_000;
/** Beyond it, a list for each kind is cheaper than reading object by object. */
const maxSingleReads = 20;

/** Does one thing at a time for one target, and after an error tries again. */
export class Worker {
  private todo: Todo = {};
  private running: Promise<void> | undefined;
  private abort = new AbortController();
  private nap = new AbortController();
  private waiters: (() => void)[] = [];
  private failures = 0;

  constructor(private readonly options: WorkerOptions) {}

  get isBusy(): boolean {
    return this.running !== undefined;
  }

  /** Resolves when it was done once, also when that failed. */
  request(todo: Todo): Promise<void> {
    const changed = merged(this.todo.changed, todo.changed);
    this.todo = { ...this.todo, ...todo, ...(changed === undefined ? {} : { changed }) };
    const done = new Promise<void>((resolve) => this.waiters.push(resolve));
    this.nap.abort();
    this.running ??= this.run();
    return done;
  }

  /** What is under way has become pointless: it ends at its next step. */
  interrupt(): void {
    this.abort.abort();
    this.nap.abort();
  }

  async ended(): Promise<void> {
    this.interrupt();
    await this.running;
  }

  private async run(): Promise<void> {
    const { shared } = this.options;
    // Lets a caller finish what it was changing.
    await Promise.resolve();
    while (Object.keys(this.todo).length > 0 && !shared.signal.aborted) {
      const todo = this.todo;
      const waiters = this.waiters;
      [this.todo, this.waiters] = [{}, []];
      [this.abort, this.nap] = [new AbortController(), new AbortController()];
      const pauseMs = await this.attempt(todo);
      for (const resolve of waiters) resolve();
      if (pauseMs === undefined) continue;
      if (!shared.signal.aborted) await shared.runtime.sleep(pauseMs, this.nap.signal);
      this.todo = { apply: true, ...this.todo };
    }
    // At once, not by `finally`: a request that comes in between would wait for ever.
    this.running = undefined;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** How long to wait before it is tried again; undefined when there is no need. */
  private async attempt(todo: Todo): Promise<number | undefined> {
    const { shared, target } = this.options;
    try {
      const isUnfinished = await this.pass(todo);
      this.failures = isUnfinished ? this.failures + 1 : 0;
      return isUnfinished ? Math.min(removalCapMs, 500 * 2 ** Math.min(this.failures, 10)) : undefined;
    } catch (error) {
      if (shared.signal.aborted) return undefined;
      this.failures += 1;
      // Whatever went wrong, what the inventory says in the cluster is what counts.
      target.inventory = undefined;
      const message = messageOf(error);
      shared.logger.warn(
        { application: target.desired.application, error: message },
        'an application could not be reconciled',
      );
      if (target.phase !== 'applied' || error instanceof AgentError) target.phase = 'failed';
      target.errors.set('', message);
      this.passOf().changed();
      return 200 + fullJitterMs(this.failures, retryBaseMs, retryCapMs, shared.runtime.random);
    }
  }

  private async pass(todo: Todo): Promise<boolean> {
    const { target } = this.options;
    const pass = this.passOf();
    const inventory = await this.inventory();
    if (pass.desired.bundle === undefined) return todo.apply === true ? removeTarget(pass, inventory) : false;
    target.errors.delete('');
    // A full comparison is also when what has failed is tried again.
    const isApply = todo.apply === true || (todo.compare !== undefined && target.phase !== 'applied');
    const fresh = isApply ? await applyTarget(pass, inventory) : new Set<string>();
    if (target.desired !== pass.desired) return false;
    if (todo.compare !== undefined) await compareTarget(pass, inventory, todo.compare, fresh);
    else if (todo.changed !== undefined) await this.compareChanged(pass, inventory, todo.changed, fresh);
    if (todo.compare === undefined && todo.look !== undefined) await this.look(pass, inventory, todo.look);
    return false;
  }

  private async compareChanged(
    pass: Pass,
    inventory: Inventory,
    changed: NonNullable<Todo['changed']>,
    fresh: ReadonlySet<string>,
  ): Promise<void> {
    const { shared, target } = this.options;
    // What we wrote ourselves meanwhile is no news.
    const news = [...changed].filter(([key, version]) => version === undefined || target.written.get(key) !== version);
    if (news.length === 0) return;
    const reader =
      news.length > maxSingleReads
        ? new LiveReader(shared, target.desired.entry.name)
        : new LiveReader(shared, undefined, true);
    await compareTarget(pass, inventory, reader, fresh, new Set(news.map(([key]) => key)));
  }

  private async look(pass: Pass, inventory: Inventory, { reader, isNarrow }: NonNullable<Todo['look']>): Promise<void> {
    const { shared, target } = this.options;
    const own = new LiveReader(shared, target.desired.entry.name);
    const isMissing = await lookAtHealth(pass, inventory, reader ?? own, isNarrow);
    if (isMissing) await compareTarget(pass, inventory, own, new Set());
  }

  private async inventory(): Promise<Inventory> {
    const { target, shared } = this.options;
    const { scope, application } = target.desired;
    target.inventory ??= await shared.inventories.load(scope, application);
    return target.inventory;
  }

  private passOf(): Pass {
    return this.options.passFor(this.options.target, this.abort.signal);
  }
}

function merged(before: Todo['changed'], more: Todo['changed']): Todo['changed'] {
  return before === undefined || more === undefined ? (more ?? before) : new Map([...before, ...more]);
}
