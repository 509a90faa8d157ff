import type { Heartbeat, Report } from '#libs/protocol/report';
import { compareStamps, type Stamp } from '#libs/reports/fold';
import type { LogRecord } from '#src/log/port';
import type { FoldedTarget } from './fold.repository';

export interface Reduced {
  targets: FoldedTarget[];
  snapshots: ({ cluster: string } & Stamp)[];
  facts: ({ cluster: string; facts: unknown } & Stamp)[];
}

interface Received<T> {
  record: LogRecord;
  value: T;
}

/** What a batch of reports comes to: for each target its newest word, for each cluster its newest snapshot and facts. */
export function reduceReports(reports: readonly Received<Report>[]): Reduced {
  const targets = new Map<string, FoldedTarget>();
  const snapshots = new Map<string, { cluster: string } & Stamp>();
  const facts = new Map<string, { cluster: string; facts: unknown } & Stamp>();
  for (const { record, value } of reports) {
    const stamp: Stamp = { session: value.session, sequence: value.sequence };
    for (const report of value.targets) {
      const key = `${value.cluster}/${report.application}`;
      const known = targets.get(key);
      if (known !== undefined && compareStamps(stamp, known) <= 0) continue;
      targets.set(key, { cluster: value.cluster, ...stamp, receivedAt: record.appendedAt, report });
    }
    const newest = snapshots.get(value.cluster);
    if (value.snapshot && (newest === undefined || compareStamps(stamp, newest) > 0)) {
      snapshots.set(value.cluster, { cluster: value.cluster, ...stamp });
    }
    const told = facts.get(value.cluster);
    if (value.facts !== undefined && (told === undefined || compareStamps(stamp, told) > 0)) {
      facts.set(value.cluster, { cluster: value.cluster, ...stamp, facts: value.facts });
    }
  }
  return { targets: [...targets.values()], snapshots: [...snapshots.values()], facts: [...facts.values()] };
}

/** The newest heartbeat of each cluster. When it was heard is when the log took it: clocks of clusters are not trusted. */
export function reduceHeartbeats(
  heartbeats: readonly Received<Heartbeat>[],
): { heartbeat: Heartbeat; receivedAt: Date }[] {
  const newest = new Map<string, { heartbeat: Heartbeat; receivedAt: Date }>();
  for (const { record, value } of heartbeats) {
    const known = newest.get(value.cluster);
    if (known !== undefined && compareStamps(value, known.heartbeat) <= 0) continue;
    newest.set(value.cluster, { heartbeat: value, receivedAt: record.appendedAt });
  }
  return [...newest.values()];
}
