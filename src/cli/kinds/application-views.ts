import type { Explanation, Release } from '../client/types';
import { age } from '../output/age';
import { stateColour } from '../output/colour';
import type { View } from '../output/show';
import { shortCommit, shortened } from '../output/text';
import { howToAddClusters } from './clusters';

export const releaseView: View<Release> = {
  columns: (now) => [
    { header: 'RELEASE', value: ({ number }) => `#${number}` },
    { header: 'COMMIT', value: ({ commit }) => shortCommit(commit) },
    { header: 'REVISION', value: ({ revision }) => revision },
    { header: 'ROLLOUT', value: ({ rollout }) => rollout?.state },
    { header: 'AGE', value: ({ createdAt }) => age(createdAt, now), moving: true },
    { header: 'SUBJECT', value: ({ subject }) => shortened(subject ?? '', 80) },
    { header: 'VARIANTS', value: ({ variants }) => variants, wide: true },
    { header: 'TRACE', value: ({ traceId }) => traceId, wide: true },
  ],
  nameOf: ({ number }) => `release/${number}`,
  empty: 'No releases yet. Is its source fetched? `flotilla source list`',
};

export const explanationView: View<Explanation> = {
  columns: () => [
    { header: 'CLUSTER', value: ({ cluster }) => cluster },
    { header: 'REGION', value: ({ region }) => region },
    { header: 'TARGET', value: ({ placed }) => (placed ? 'yes' : 'no') },
    { header: 'STATE', value: ({ target }) => target?.state, colour: ({ target }) => stateColour(target?.state ?? '') },
    { header: 'REASON', value: ({ reason }) => reason },
    { header: 'MESSAGE', value: ({ blockers, target }) => blockers[0]?.message ?? target?.message },
  ],
  nameOf: ({ cluster }) => `cluster/${cluster}`,
  empty: `No clusters. ${howToAddClusters}`,
};
