import type { Bench } from '../bench';
import { measuredOf, measureFanout } from '../parts/fanout';

const clusters = 10_000;

export const fanoutMany: Bench = {
  name: 'fanout-many',
  summary: '50 applications on all 10,000 clusters change in one commit',
  figures: {
    seconds: { what: 'commit seen → last root committed and announced', target: { atMost: 30 } },
    rootWrites: { what: 'root writes a cluster for the commit', target: { atMost: 1 } },
  },
  limit: 'one UPDATE … FROM unnest of 10,000 rows with as many bytes, fsync on, median of 5',
  setup: ['The hub is a process of its own on a PostgreSQL with fsync. The clusters have joined, without agents.'],
  run: async (progress) => {
    const measured = await measureFanout({
      clusters,
      applications: 50,
      objects: 1,
      value: 'the same',
      changes: 1,
      progress,
    });
    return measuredOf(measured, { seconds: measured.seconds, rootWrites: measured.rootWrites });
  },
};
