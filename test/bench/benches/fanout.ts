import type { Bench } from '../bench';
import { measuredOf, measureFanout } from '../parts/fanout';

const clusters = 10_000;

export const fanout: Bench = {
  name: 'fanout',
  summary: '10,000 clusters, one application of ten objects on all of them, one field changes',
  figures: {
    seconds: { what: 'commit seen → last root committed and announced, median of 5', target: { atMost: 3 } },
    hubCpuSeconds: { what: 'processor time of the hub for it, median' },
  },
  limit: 'one UPDATE … FROM unnest of 10,000 rows with as many bytes, fsync on, median of 5; ratio to reach: 10',
  setup: ['The hub is a process of its own on a PostgreSQL with fsync. The clusters have joined, without agents.'],
  run: async (progress) => {
    const measured = await measureFanout({
      clusters,
      applications: 1,
      objects: 10,
      value: 'the same',
      changes: 5,
      progress,
    });
    return measuredOf(measured, { seconds: measured.seconds, hubCpuSeconds: measured.hubCpuSeconds });
  },
};
