import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { TargetChange } from '../client/types';
import type { Io } from '../io';
import { age } from '../output/age';
import type { OutputOptions } from '../output/options';
import { showList, type View } from '../output/show';
import { shortened } from '../output/text';

const maxShown = 500;

const view: View<TargetChange> = {
  columns: (now) => [
    { header: 'WHEN', value: ({ at }) => age(at, now), moving: true },
    { header: 'RELEASE', value: ({ release }) => (release === undefined ? undefined : `${release}`) },
    { header: 'PHASE', value: ({ phase }) => phase },
    { header: 'HEALTH', value: ({ health }) => health },
    { header: 'DRIFTED', value: ({ drifted }) => `${drifted}` },
    { header: 'MESSAGE', value: ({ message }) => shortened(message, 80) },
    { header: 'ROOT', value: ({ epoch, generation }) => `${epoch}/${generation}`, wide: true },
    { header: 'BUNDLE', value: ({ bundle }) => bundle?.slice(0, 12), wide: true },
    { header: 'AT', value: ({ at }) => at, wide: true },
  ],
  nameOf: ({ at }) => `change/${at}`,
  empty: 'Nothing was told of it yet, or longer ago than the hub remembers',
};

export async function showHistory(
  hub: Hub,
  io: Io,
  options: OutputOptions,
  path: { name: string; cluster: string },
): Promise<void> {
  await showList(io, options, view, () =>
    allItems((page) => {
      const params = { path, query: page };
      return answered(hub.api.GET('/api/v1/applications/{name}/targets/{cluster}/history', { params }));
    }, maxShown),
  );
}
