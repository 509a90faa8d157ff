import type { Report, TargetReport } from '#libs/protocol/report';

/** When something was told: a later session, or later in the same one, wins. */
export interface Stamp {
  session: number;
  sequence: number;
}

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.session - b.session || a.sequence - b.sequence;
}

export interface ToldTarget extends Stamp {
  report: TargetReport;
}

/**
 * What one cluster has told, as a value that only grows: for each target the newest word, and the newest full snapshot.
 * Joining in any order and any number of times gives the same (safety rule 13).
 */
export interface ClusterTold {
  snapshot: Stamp;
  targets: ReadonlyMap<string, ToldTarget>;
}

export const nothingTold: ClusterTold = { snapshot: { session: 0, sequence: 0 }, targets: new Map() };

export function fold(told: ClusterTold, report: Report): ClusterTold {
  const stamp: Stamp = { session: report.session, sequence: report.sequence };
  const targets = new Map(told.targets);
  for (const target of report.targets) {
    const known = targets.get(target.application);
    if (known === undefined || compareStamps(stamp, known) > 0)
      targets.set(target.application, { ...stamp, report: target });
  }
  const snapshot = report.snapshot && compareStamps(stamp, told.snapshot) > 0 ? stamp : told.snapshot;
  return { snapshot, targets };
}

/** The targets that are there: those told before the newest snapshot, and not in it, are gone. */
export function presentTargets(told: ClusterTold): ToldTarget[] {
  return [...told.targets.values()].filter((target) => compareStamps(target, told.snapshot) >= 0);
}
