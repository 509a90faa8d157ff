import type { FieldDrift } from '#libs/drift/drift';
import type { IntendedFields } from '#libs/drift/field-node';
import type { Health } from '#libs/health/health';
import type { Digest } from '#libs/protocol/digest';
import type { targetPhases } from '#libs/protocol/report';
import type { Inventory } from '../inventory/inventory';
import type { DesiredTarget } from '../sync/desired';

export type Phase = (typeof targetPhases)[number];

/** What the API server made of an object that was applied. */
export interface Baseline {
  digest: Digest;
  fields: IntendedFields;
}

/** An application on this cluster as the agent knows it: all of its state, changed only by its own worker. */
export class Target {
  inventory: Inventory | undefined;
  phase: Phase = 'applying';
  /** Bundle of which everything was applied; what the phase says is about `desired`. */
  applied: Digest | undefined;
  /** Root version that `desired` was last heard under. */
  version = { epoch: 0, generation: 0 };
  /** Compared with the cluster at least once since the agent started, or applied by it. */
  isSeen = false;
  readonly baselines = new Map<string, Baseline>();
  /** Resource version that our last write of an object left behind: what a watch tells of it is no news. */
  readonly written = new Map<string, string>();
  readonly health = new Map<string, Health>();
  readonly drifts = new Map<string, string>();
  /** Why objects could not be applied or deleted. */
  readonly errors = new Map<string, string>();
  /** What went wrong with comparing, and with putting back. */
  readonly troubles = new Map<string, string>();
  /** Said, and no reason to call the target failed: what is kept, though it has left the release. */
  readonly remarks = new Map<string, string>();
  pendingDeletions: string[] = [];
  corrected = 0;
  observedAt: Date;
  observedAtMs: number;

  constructor(
    public desired: DesiredTarget,
    now: Date,
    nowMs: number,
  ) {
    this.observedAt = now;
    this.observedAtMs = nowMs;
  }

  observed(now: Date, nowMs: number): void {
    this.observedAt = now;
    this.observedAtMs = nowMs;
  }

  /** Forgets what was known of objects that are no longer there to be known. */
  forgetOthers(keys: ReadonlySet<string>): void {
    for (const map of [this.baselines, this.written, this.health, this.drifts, this.troubles]) {
      for (const key of map.keys()) if (!keys.has(key)) map.delete(key);
    }
  }
}

export function driftMessage(fields: FieldDrift[], more: number): string {
  const shown = fields.slice(0, 5).map(({ path, expected, actual, manager }) => {
    const by = manager === undefined ? '' : ` (by ${manager})`;
    return `${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}${by}`;
  });
  const others = fields.length - shown.length + more;
  return others === 0 ? shown.join('; ') : `${shown.join('; ')}; and ${others} more fields`;
}
