import type { RevisionSpec } from './revision';
import { sameRepository } from './url';
import type { WebhookEvent } from './webhooks/dialect';

export interface FollowedSource {
  url: string;
  revision: RevisionSpec;
  /** The revision has been read, and so a commit that is fixed cannot become another. */
  isRead: boolean;
}

/** Why an event moves nothing that this source follows; undefined: the source is to be fetched. */
export function whyIrrelevant(source: FollowedSource, event: WebhookEvent): string | undefined {
  if (event.kind === 'ping') return 'the webhook works; a push will be fetched';
  if (event.kind === 'ignored') return `events of kind ${JSON.stringify(event.name)} move no ref; send pushes only`;
  if (event.urls.length > 0 && !event.urls.some((url) => sameRepository(url, source.url))) {
    return 'the push is to another repository than the source follows';
  }
  const { revision } = source;
  if ('commit' in revision) return source.isRead ? 'the source follows one commit, which no push changes' : undefined;
  const reasons = event.refs.map(({ ref }) => whyOtherRef(revision, ref));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function whyOtherRef(revision: Exclude<RevisionSpec, { commit: string }>, given: string): string | undefined {
  const ref = given.startsWith('refs/') ? given : `refs/heads/${given}`;
  if ('branch' in revision) {
    return ref === `refs/heads/${revision.branch}`
      ? undefined
      : `the push is to ${given}, and the source follows branch ${revision.branch}`;
  }
  // A bare name may be a tag as well.
  if (ref.startsWith('refs/tags/') || ref !== given) return undefined;
  return `the push is to ${given}, and the source follows tags`;
}
