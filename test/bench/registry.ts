import type { Bench } from './bench';
import { fanout } from './benches/fanout';
import { fanoutDistinct } from './benches/fanout-distinct';
import { fanoutMany } from './benches/fanout-many';
import { latency } from './benches/latency';
import { selective } from './benches/selective';

/** In the order in which they are listed. */
export const benches: readonly Bench[] = [latency, selective, fanout, fanoutDistinct, fanoutMany];
