import type { Bench } from './bench';
import { latency } from './benches/latency';
import { selective } from './benches/selective';

/** In the order in which they are listed. */
export const benches: readonly Bench[] = [latency, selective];
