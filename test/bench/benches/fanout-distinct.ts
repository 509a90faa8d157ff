import type { Bench } from '../bench';
import { measuredOf, measureFanout } from '../parts/fanout';

const clusters = 10_000;

export const fanoutDistinct: Bench = {
  name: 'fanout-distinct',
  summary: 'the same as fanout, with a parameter that differs on every cluster',
  figures: {
    seconds: { what: 'commit seen → last root committed and announced, median of 3', target: { atMost: 15 } },
  },
  limit: 'one UPDATE … FROM unnest of 10,000 rows with as many bytes, fsync on, median of 5',
  setup: ['The hub is a process of its own on a PostgreSQL with fsync. The clusters have joined, without agents.'],
  run: async (progress) => {
    const value = 'on ${cluster.name}';
    const measured = await measureFanout({ clusters, applications: 1, objects: 10, value, changes: 3, progress });
    return measuredOf(measured, { seconds: measured.seconds });
  },
};
