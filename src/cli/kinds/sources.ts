import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Source } from '../client/types';
import { age, ago } from '../output/age';
import { stateColour } from '../output/colour';
import { sections } from '../output/sections';
import type { View } from '../output/show';
import { shortCommit, shortened } from '../output/text';
import type { Kind } from './kind';

/** `branch main`, `tag v*`. */
function revisionText({ spec }: Source): string {
  return Object.entries(spec.revision)
    .map(([kind, value]) => `${kind} ${value}`)
    .join(' ');
}

export const sourceView: View<Source> = {
  columns: (now) => [
    { header: 'NAME', value: ({ metadata }) => metadata.name },
    { header: 'STATE', value: ({ status }) => status.state, colour: ({ status }) => stateColour(status.state) },
    { header: 'REVISION', value: revisionText },
    { header: 'COMMIT', value: ({ status }) => shortCommit(status.commit) },
    { header: 'FETCHED', value: ({ status }) => age(status.fetchedAt, now), moving: true },
    { header: 'AGE', value: ({ metadata }) => age(metadata.createdAt, now), moving: true },
    { header: 'URL', value: ({ spec }) => spec.url },
    { header: 'SUBJECT', value: ({ status }) => shortened(status.subject ?? '', 60), wide: true },
    { header: 'MESSAGE', value: ({ status }) => status.message, wide: true },
  ],
  nameOf: ({ metadata }) => `source/${metadata.name}`,
  empty: 'No sources. Create one: `flotilla source create NAME --git-url URL`',
  documents: true,
};

export async function listSources(hub: Hub): Promise<Source[]> {
  return await allItems((query) => answered(hub.api.GET('/api/v1/sources', { params: { query } })));
}

export async function getSource(hub: Hub, name: string): Promise<Source> {
  return await answered(hub.api.GET('/api/v1/sources/{name}', { params: { path: { name } } }));
}

export async function deleteSource(hub: Hub, name: string): Promise<string> {
  await answered(hub.api.DELETE('/api/v1/sources/{name}', { params: { path: { name } } }));
  return `source/${name} deleted`;
}

function sourceAdvice({ metadata, status }: Source, now: Date): string[] {
  const advice: string[] = [];
  if (status.failingSince !== undefined && status.failingSince !== null) {
    advice.push(`It has failed for ${age(status.failingSince, now)}: ${status.message ?? 'no reason is known'}`);
    advice.push(
      `What was fetched last stays in force. When it is mended, look at once: flotilla source refresh ${metadata.name}`,
    );
  }
  if (status.rewrittenAt !== undefined && status.rewrittenAt !== null) {
    advice.push(
      `Its history was rewritten ${ago(status.rewrittenAt, now)}: the new commit does not follow from the one before.`,
    );
  }
  return advice;
}

export function describeSource(source: Source, now: Date): string {
  const { metadata, spec, status } = source;
  return sections([
    ['Name', metadata.name],
    ['URL', spec.url],
    ['Revision', revisionText(source)],
    ['Created', ago(metadata.createdAt, now)],
    ['State', status.state],
    ['Commit', status.commit],
    ['Subject', status.subject],
    ['Committed', status.commit === undefined ? undefined : ago(status.committedAt, now)],
    ['Fetched', ago(status.fetchedAt, now)],
    ['Credentials', status.credentialsSet ? 'set' : 'none'],
    ['Webhook', status.webhookSecretSet ? 'accepted, with its secret' : 'refused: no secret is set'],
    ['Looks every', `${spec.pollSeconds} s`],
    { heading: 'What to do', lines: sourceAdvice(source, now) },
  ]);
}

export const sourceKind: Kind<Source> = {
  name: 'source',
  plural: 'sources',
  aliases: ['src'],
  view: sourceView,
  list: listSources,
  get: getSource,
  describe: (_hub, source, now) => Promise.resolve(describeSource(source, now)),
  delete: deleteSource,
};
