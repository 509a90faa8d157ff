import type { KubernetesObject } from '#libs/kubernetes/object';
import { jsonEqual } from '#libs/kubernetes/ssa/value';
import type { Clock } from './clock';
import { type Settling, settlingOf } from './settling';

export interface ControllerOptions {
  /** How long an object takes to become ready. */
  readyAfterMs: (object: KubernetesObject) => number;
  /** When an object that does not become ready is given up. */
  deadlineMs: number;
  /** An image that matches never becomes ready. */
  badImage: RegExp;
}

export const defaultControllerOptions: ControllerOptions = {
  readyAfterMs: () => 1500,
  deadlineMs: 60_000,
  badImage: /:(bad|broken)/,
};

interface Pending {
  /** What it settles for; another specification starts anew. */
  object: KubernetesObject;
  cancel: () => void;
}

/**
 * Stands in for the controllers of a cluster: what is written becomes ready after a while, by writes of its status.
 * There is a timer for an object only while it changes.
 */
export class Controllers {
  private readonly pending = new Map<string, Pending>();

  constructor(
    private readonly options: ControllerOptions,
    private readonly clock: Clock,
    private readonly writeStatus: (object: KubernetesObject, status: unknown) => void,
    private readonly current: (object: KubernetesObject) => KubernetesObject | undefined,
  ) {}

  /** Called after a write by anybody but these controllers. */
  observe(object: KubernetesObject): void {
    const settling = settlingOf(object, this.options.badImage, this.clock);
    if (!settling) return;
    const uid = object.metadata.uid ?? '';
    const before = this.pending.get(uid);
    if (before && jsonEqual(before.object['spec'], object['spec'])) return;
    this.forget(object);
    if (settling.settled) return;
    if (settling.progressing) this.writeStatus(object, settling.progressing);
    const delayMs = settling.never ? this.options.deadlineMs : this.options.readyAfterMs(object);
    const cancel = this.clock.after(delayMs, () => this.settle(object, settling));
    this.pending.set(uid, { object, cancel });
  }

  forget(object: KubernetesObject): void {
    const uid = object.metadata.uid ?? '';
    this.pending.get(uid)?.cancel();
    this.pending.delete(uid);
  }

  /** How many objects are on their way. */
  get busy(): number {
    return this.pending.size;
  }

  stop(): void {
    for (const { cancel } of this.pending.values()) cancel();
    this.pending.clear();
  }

  private settle(object: KubernetesObject, settling: Settling): void {
    this.pending.delete(object.metadata.uid ?? '');
    const current = this.current(object);
    if (!current || current.metadata.uid !== object.metadata.uid) return;
    const status = settling.never ? settling.failed?.() : settling.ready();
    if (status !== undefined) this.writeStatus(current, status);
  }
}
