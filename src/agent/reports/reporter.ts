import type { Facts, TargetReport } from '#libs/protocol/report';
import { type AgentRuntime } from '../runtime';
import { essenceOf } from '../reconcile/status';
import { portionsOf } from './draft';
import type { Outbox } from './outbox';

/** Changes within this time go out together. */
const coalesceMs = 40;

export interface ReporterOptions {
  outbox: Outbox;
  runtime: AgentRuntime;
  facts(): Facts;
  /** What is known of every target now. */
  statuses(nowMs: number): TargetReport[];
}

/** Turns what is known into drafts: a full snapshot to open a session and every now and then, else what has changed. */
export class Reporter {
  private session = 0;
  private sequence = 0;
  private told = new Map<string, string>();
  private wantsSnapshot = true;
  private isOpen = false;
  private flushing: Promise<void> | undefined;

  constructor(private readonly options: ReporterOptions) {}

  /** Everything is told anew under the new number. */
  startSession(session: number): void {
    if (session === this.session) return;
    this.session = session;
    this.sequence = 0;
    this.snapshot();
  }

  /** From now on there is something to tell: before the first look at the cluster, it would be that nothing is known. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.snapshot();
  }

  snapshot(): void {
    this.wantsSnapshot = true;
    this.changed();
  }

  changed(): void {
    if (!this.isOpen || this.session === 0) return;
    this.flushing ??= this.options.runtime.sleep(coalesceMs).then(() => {
      this.flushing = undefined;
      this.flush();
    });
  }

  /** Without waiting for more: what is not told yet becomes a draft. */
  flush(): void {
    if (!this.isOpen || this.session === 0) return;
    const statuses = this.options.statuses(this.options.runtime.monotonicMs());
    const essences = new Map(statuses.map((status) => [`${status.scope}/${status.application}`, essenceOf(status)]));
    const isSnapshot = this.wantsSnapshot;
    const changed = isSnapshot
      ? statuses
      : statuses.filter((status) => {
          const key = `${status.scope}/${status.application}`;
          return this.told.get(key) !== essences.get(key);
        });
    if (changed.length === 0 && !isSnapshot) return;
    this.wantsSnapshot = false;
    this.told = essences;
    const portions = portionsOf(changed);
    for (const targets of portions) this.draft(targets, isSnapshot && portions.length === 1, isSnapshot);
  }

  private draft(targets: TargetReport[], snapshot: boolean, hasFacts: boolean): void {
    const { outbox, runtime, facts } = this.options;
    outbox.add({
      session: this.session,
      sequence: this.sequence,
      snapshot,
      ...(hasFacts ? { facts: facts() } : {}),
      targets,
      madeAt: runtime.now().toISOString(),
      madeAtMs: runtime.monotonicMs(),
    });
    this.sequence += 1;
  }
}
