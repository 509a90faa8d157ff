import type { Hold } from '#libs/protocol/sync';
import type { TargetReport } from '#libs/protocol/report';
import { LiveReader } from '../compare/live-reader';
import type { Digest } from '#libs/protocol/digest';
import { claimsOf, type DesiredState, type DesiredTarget } from '../sync/desired';
import { impersonatedUser } from '../cluster/bootstrap';
import type { Pass, Shared } from './context';
import { type Permit, permitFor } from './permit';
import { statusOf } from './status';
import { Target } from './target';
import { Worker } from './worker';

interface Kept {
  target: Target;
  worker: Worker;
}

/** Brings the cluster to the desired state, whatever that is by now. Level-triggered: it may be told anything at any time. */
export class Reconciler {
  private desired: DesiredState | undefined;
  private hold: Hold = { version: -1, cluster: false, applications: [] };
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly shared: Shared,
    private readonly changed: (isGone: boolean) => void,
  ) {
    shared.signal.addEventListener('abort', () => this.interruptAll(), { once: true });
  }

  setHold(hold: Hold): void {
    this.hold = hold;
    for (const { target, worker } of this.kept.values()) {
      if (!this.permit(target.desired).ok) worker.interrupt();
      void worker.request({ apply: true });
    }
  }

  /** Resolves when every target that is new or changed was dealt with once. */
  async setDesired(desired: DesiredState): Promise<void> {
    const before = this.desired;
    this.desired = desired;
    const hasSkipped = before === undefined || isSkip(before, desired);
    const isNowComplete = before?.isComplete === false && desired.isComplete;
    const isGone = this.dropOthers(desired);
    const requests: Promise<void>[] = [];
    const reader = new LiveReader(this.shared);
    for (const target of desired.targets.values()) {
      const isNew = !this.kept.has(target.id);
      const isChanged = this.take(target, desired, hasSkipped);
      // What a former run applied is compared before it is told.
      const todo = isNew ? { apply: true as const, compare: reader } : { apply: true as const };
      if (isChanged || isNowComplete) requests.push(this.kept.get(target.id)!.worker.request(todo));
    }
    this.changed(isGone);
    await Promise.all(requests);
  }

  /** A full comparison of everything; resolves when it is done. */
  async compareAll(): Promise<void> {
    const reader = new LiveReader(this.shared);
    await Promise.all([...this.kept.values()].map(({ worker }) => worker.request({ compare: reader })));
  }

  /** A watch has told that something became of these objects: by target, then key. Resolves when they were compared. */
  async objectsChanged(changed: ReadonlyMap<string, ReadonlyMap<string, string | undefined>>): Promise<void> {
    const requests = [...changed].flatMap(([id, keys]) => this.kept.get(id)?.worker.request({ changed: keys }) ?? []);
    await Promise.all(requests);
  }

  /** Looks at the health of these targets, or of all; targets that are busy are passed over. */
  async lookAtHealth(ids: 'all' | readonly string[]): Promise<void> {
    const reader = ids === 'all' ? new LiveReader(this.shared) : undefined;
    const chosen = ids === 'all' ? [...this.kept.values()] : ids.flatMap((id) => this.kept.get(id) ?? []);
    await Promise.all(
      chosen
        .filter(({ worker }) => !worker.isBusy)
        .map(({ worker }) => worker.request({ look: { reader, isNarrow: ids !== 'all' } })),
    );
  }

  targets(): Target[] {
    return [...this.kept.values()].map(({ target }) => target);
  }

  statuses(nowMs: number): TargetReport[] {
    return this.targets().map((target) => statusOf(target, nowMs));
  }

  /** Of the objects that were applied: their nodes are kept, so that it is known which fields were ours. */
  *appliedDigests(): Iterable<Digest> {
    for (const { inventory } of this.targets()) {
      for (const entry of inventory?.entries() ?? []) if (entry.digest !== '') yield entry.digest as Digest;
    }
  }

  private interruptAll(): void {
    for (const { worker } of this.kept.values()) worker.interrupt();
  }

  async ended(): Promise<void> {
    await Promise.all([...this.kept.values()].map(({ worker }) => worker.ended()));
  }

  /** Forgets targets that the root no longer names. Their objects and inventories stay: deletion is always said. */
  private dropOthers(desired: DesiredState): boolean {
    let isGone = false;
    for (const [id, { worker }] of this.kept) {
      // One of which only a node is missing is still wanted, and known to be.
      if (desired.targets.has(id) || !desired.isComplete) continue;
      worker.interrupt();
      this.kept.delete(id);
      isGone = true;
    }
    return isGone;
  }

  private take(desired: DesiredTarget, state: DesiredState, hasSkipped: boolean): boolean {
    const { epoch, generation } = state.root;
    const kept = this.kept.get(desired.id);
    if (kept === undefined) {
      const { runtime } = this.shared;
      const target = new Target(desired, runtime.now(), runtime.monotonicMs());
      target.version = { epoch, generation };
      const worker = new Worker({
        shared: this.shared,
        target,
        passFor: (of, signal) => this.passFor(of, signal),
      });
      this.kept.set(desired.id, { target, worker });
      return true;
    }
    const { target, worker } = kept;
    const isChanged = target.desired !== desired;
    // Evidence must not be older than the root that first carried an assignment. Where we have seen every root, only a
    // changed target needs another; where we have skipped some, its bundle may have changed there and back.
    if (isChanged || hasSkipped) target.version = { epoch, generation };
    if (!isChanged) return false;
    target.desired = desired;
    if (desired.bundle === undefined || target.applied !== desired.bundle.digest) target.phase = begunPhase(desired);
    worker.interrupt();
    return true;
  }

  private permit(target: DesiredTarget): Permit {
    return permitFor({
      hold: this.hold,
      desired: this.desired,
      target,
      now: this.shared.runtime.now(),
      isStopped: this.shared.signal.aborted,
    });
  }

  private passFor(target: Target, signal: AbortSignal): Pass {
    const { desired } = target;
    return {
      shared: this.shared,
      target,
      desired,
      as: impersonatedUser(desired.serviceAccount),
      signal,
      isComplete: () => this.desired?.isComplete === true,
      isClaimedByOther: (key) => {
        const claim = this.desired && claimsOf(this.desired).get(key);
        return claim !== undefined && claim !== desired.id;
      },
      permit: () => this.permit(desired),
      changed: () => this.changed(false),
    };
  }
}

/** Whether a root lies between the two that we have never seen. */
function isSkip(before: DesiredState, after: DesiredState): boolean {
  return before.root.epoch !== after.root.epoch || after.root.generation > before.root.generation + 1;
}

function begunPhase(desired: DesiredTarget): Target['phase'] {
  return desired.bundle === undefined ? 'removing' : 'applying';
}
