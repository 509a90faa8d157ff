import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import type { Hold } from '../client/types';
import { age } from '../output/age';
import type { View } from '../output/show';
import type { Kind } from './kind';

/** `fleet`, `region/eu`. */
export function holdText({ scope, name }: Pick<Hold, 'scope' | 'name'>): string {
  return name === undefined || name === null ? scope : `${scope}/${name}`;
}

export const holdView: View<Hold> = {
  columns: (now) => [
    { header: 'SCOPE', value: holdText },
    { header: 'AGE', value: ({ createdAt }) => age(createdAt, now), moving: true },
    { header: 'BY', value: ({ createdBy }) => createdBy },
    { header: 'REASON', value: ({ reason }) => reason },
  ],
  nameOf: (hold) => `hold/${holdText(hold)}`,
  empty: 'Nothing is held',
};

export async function listHolds(hub: Hub): Promise<Hold[]> {
  return (await answered(hub.api.GET('/api/v1/holds', {}))).items;
}

export const holdKind: Kind<Hold> = {
  name: 'hold',
  plural: 'holds',
  aliases: [],
  view: holdView,
  list: listHolds,
};
