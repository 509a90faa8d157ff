import { type FleetCounts, sumOf } from './counts';
import { partsOf } from './clusters';
import { type FleetOptions, fleetOptionsSchema, type FleetSettings } from './options';
import { type FleetPart, LocalPart } from './part';
import { RemotePart } from './remote-part';

/** Simulated clusters under agents with the real protocol. */
export interface SimulatedFleet {
  counts(): Promise<FleetCounts>;
  /** How many agents hold a root of at least this generation. */
  holding(generation: number): Promise<number>;
  /** Ends all agents. Clusters stay registered, and what is kept of them lets another fleet go on. */
  stop(): Promise<void>;
}

export interface FleetStart {
  /** Ends the start; what was started has ended when it rejects. */
  signal?: AbortSignal;
  /** Told every second while agents come up. */
  onProgress?: (counts: FleetCounts) => void;
}

const progressMs = 1_000;

/**
 * Registers what is missing and starts an agent for each cluster. Resolves when each was heard by the hub once, or has
 * failed: `counts` says how many and why. Rejects when the hub refuses to register clusters, with its reason; throws a
 * ZodError that names the option that is wrong.
 */
export async function startSimulatedFleet(options: FleetOptions, start: FleetStart = {}): Promise<SimulatedFleet> {
  const settings = fleetOptionsSchema.parse(options);
  const parts = await openParts(settings);
  const counts = async (): Promise<FleetCounts> => sumOf(await Promise.all(parts.map((part) => part.counts())));
  const stop = async (): Promise<void> => {
    await Promise.allSettled(parts.map((part) => part.stop()));
  };
  const progress = setInterval(() => void counts().then(start.onProgress), progressMs);
  const abort = (): void => void stop();
  start.signal?.addEventListener('abort', abort, { once: true });
  try {
    await Promise.all(parts.map((part) => part.start()));
    if (start.signal?.aborted === true) throw new Error('the start was ended');
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearInterval(progress);
    start.signal?.removeEventListener('abort', abort);
  }
  return {
    counts,
    holding: async (generation) => {
      const held = await Promise.all(parts.map((part) => part.holding(generation)));
      return held.reduce((sum, count) => sum + count, 0);
    },
    stop,
  };
}

async function openParts(settings: FleetSettings): Promise<(FleetPart & { start(): Promise<void> })[]> {
  const ranges = partsOf(settings.clusters, settings.processes);
  const shared = { ...settings, processes: ranges.length };
  if (settings.processes === 1) return [await LocalPart.open(shared, ranges[0]!)];
  return ranges.map((range) => RemotePart.open(shared, range, ranges.length));
}
