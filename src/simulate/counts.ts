import type { Member } from './member';

/** What a fleet, or a process of it, comes to. */
export interface FleetCounts {
  clusters: number;
  /** Agents that run: joined, and not ended by the hub. */
  running: number;
  /** Of these, the ones that the hub answered last time. */
  connected: number;
  /** Agents that could not start, or that the hub has ended. */
  failed: number;
  /** Roots that were taken since the start, over all agents. */
  roots: number;
  /** Requests to hubs since the start, over all agents; messages to Kafka are not among them. */
  requests: number;
  memoryBytes: number;
  /** CPU time of the processes that run agents, since they were started. */
  cpuSeconds: number;
  /** Why one of those that failed did. */
  trouble?: string;
}

export function countsOf(members: readonly Member[], requests: number): FleetCounts {
  const { user, system } = process.cpuUsage();
  const failed = members.filter(isFailed);
  return {
    clusters: members.length,
    running: members.filter(({ state }) => state === 'running').length,
    connected: members.filter(({ isConnected }) => isConnected).length,
    failed: failed.length,
    roots: members.reduce((sum, { roots }) => sum + roots, 0),
    requests,
    memoryBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    ...(failed[0]?.trouble === undefined ? {} : { trouble: `${failed[0].cluster.name}: ${failed[0].trouble}` }),
  };
}

export function sumOf(parts: readonly FleetCounts[]): FleetCounts {
  const sum = (of: (counts: FleetCounts) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const trouble = parts.find((part) => part.trouble !== undefined)?.trouble;
  return {
    clusters: sum(({ clusters }) => clusters),
    running: sum(({ running }) => running),
    connected: sum(({ connected }) => connected),
    failed: sum(({ failed }) => failed),
    roots: sum(({ roots }) => roots),
    requests: sum(({ requests }) => requests),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

function isFailed({ state, trouble }: Member): boolean {
  return state === 'failed' || (state === 'ended' && trouble !== undefined);
}
