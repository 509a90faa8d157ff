import { median } from '../statistics';

type LogLine = Record<string, unknown>;

/** Milliseconds since 1970. */
export interface PushTimes {
  commit: string;
  sentAtMs: number;
  seenAtMs: number;
}

/**
 * Where the time of a push goes: the median of each step over all pushes, by the logs of the hub and the agents. Of the
 * agents the slowest counts. A step of which a log says nothing is left out.
 */
export function breakdown(pushes: readonly PushTimes[], hub: readonly LogLine[], agents: readonly LogLine[]): string[] {
  const steps = ['fetched', 'released', 'authorised', 'root built', 'root held by agents', 'seen by watches'];
  const durations = new Map<string, number[]>(steps.map((step) => [step, []]));
  for (const push of pushes) {
    const times = timesOf(push, hub, agents);
    let beforeMs = push.sentAtMs;
    for (const [index, atMs] of times.entries()) {
      if (atMs === undefined) continue;
      durations.get(steps[index]!)!.push(atMs - beforeMs);
      beforeMs = atMs;
    }
  }
  return [...durations]
    .filter(([, values]) => values.length > 0)
    .map(([step, values]) => `  ${step.padEnd(22)} + ${median(values).toFixed(0).padStart(5)} ms`);
}

function timesOf({ commit, seenAtMs }: PushTimes, hub: readonly LogLine[], agents: readonly LogLine[]) {
  const fetched = hub.find((line) => line.msg === 'new commit' && line.commit === commit);
  const traceId = fetched?.traceId;
  const ofTrace = (msg: string) => hub.find((line) => line.msg === msg && line.traceId === traceId);
  const authorised = ofTrace('authorised');
  const authorisedMs = timeOf(authorised);
  const built = hub.find((line) => line.msg === 'built roots' && (timeOf(line) ?? 0) >= (authorisedMs ?? Infinity));
  const held = agents
    .filter((line) => Object.values(line.traces ?? {}).includes(traceId))
    .flatMap((line) => timeOf(line) ?? []);
  return [
    timeOf(fetched),
    timeOf(ofTrace('new release')),
    authorisedMs,
    timeOf(built),
    held.length === 0 ? undefined : Math.max(...held),
    seenAtMs,
  ];
}

function timeOf(line: LogLine | undefined): number | undefined {
  return typeof line?.time === 'string' ? Date.parse(line.time) : undefined;
}
