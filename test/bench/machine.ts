import { availableParallelism, loadavg } from 'node:os';

/** Watches the load that a bench runs under, its own included: figures of a busy machine say little. */
export function watchLoad(): { summary(): string } {
  const before = loadavg()[0]!;
  return {
    summary: () =>
      `machine: ${availableParallelism()} cores; load average ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after`,
  };
}
