import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Token } from '../client/types';
import { age } from '../output/age';
import { stateColour } from '../output/colour';
import type { View } from '../output/show';
import type { Kind } from './kind';

function scopeText({ scope }: Token): string {
  const regions = (scope.regions ?? []).map((name) => `region ${name}`);
  const applications = (scope.applications ?? []).map((name) => `application ${name}`);
  return [...regions, ...applications].join(', ') || 'everything';
}

export const tokenView: View<Token> = {
  columns: (now) => [
    { header: 'ID', value: ({ id }) => id },
    { header: 'NAME', value: ({ name }) => name },
    { header: 'ROLE', value: ({ role }) => role },
    { header: 'SCOPE', value: scopeText },
    { header: 'STATE', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
    { header: 'USED', value: ({ lastUsedAt }) => age(lastUsedAt, now), moving: true },
    { header: 'EXPIRES', value: ({ expiresAt }) => expiresAt.slice(0, 10) },
    { header: 'CREATED BY', value: ({ createdBy }) => createdBy, wide: true },
  ],
  nameOf: ({ id }) => `token/${id}`,
  empty: 'No tokens',
};

export async function listTokens(hub: Hub): Promise<Token[]> {
  return await allItems((query) => answered(hub.api.GET('/api/v1/tokens', { params: { query } })));
}

export async function revokeToken(hub: Hub, id: string): Promise<string> {
  const { name } = await answered(hub.api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }));
  return `token/${id} (${name}) revoked`;
}

export const tokenKind: Kind<Token> = {
  name: 'token',
  plural: 'tokens',
  aliases: [],
  view: tokenView,
  list: listTokens,
  get: async (hub, id) => await answered(hub.api.GET('/api/v1/tokens/{id}', { params: { path: { id } } })),
  delete: revokeToken,
};
