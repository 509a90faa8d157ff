import { z } from 'zod';
import { eventOf, refuseBitbucket, speaksBitbucket } from './bitbucket';
import { asideOf, type Dialect, header } from './dialect';
import { commitId, maxMovedRefs, movedRef, payloadText, pushOf, readBy } from './payload';

/** A branch's or tag's state before or after; `new` is null where it was deleted. */
const state = z.object({
  type: z.string().max(100),
  name: payloadText,
  target: z.object({ hash: commitId.optional() }).nullish(),
});
const push = z.object({
  push: z.object({
    changes: z.array(z.object({ old: state.nullish(), new: state.nullish() })).max(maxMovedRefs),
  }),
  repository: z.object({ links: z.object({ html: z.object({ href: payloadText }).optional() }).optional() }),
});

const folders: Record<string, string> = { branch: 'refs/heads/', tag: 'refs/tags/', annotated_tag: 'refs/tags/' };

/** bitbucket.org; its payload has no clone addresses, and the page of the repository has the same host and path. */
export const bitbucketCloud: Dialect = {
  name: 'Bitbucket Cloud',
  proof: 'X-Hub-Signature',
  // The server speaks of itself by a request id of its own, and by its events.
  speaks: (request) => speaksBitbucket(request) && header(request, 'x-hook-uuid') !== undefined,
  refuse: refuseBitbucket,
  aside: (request) => asideOf(eventOf(request), { pushes: ['repo:push'] }),
  read: (json) =>
    readBy(push, json, ({ push: { changes }, repository }) =>
      pushOf(
        [repository.links?.html?.href],
        changes.flatMap(({ old, new: next }) => {
          const named = next ?? old;
          if (named == null) return [];
          return [movedRef(`${folders[named.type] ?? ''}${named.name}`, next?.target?.hash)];
        }),
      ),
    ),
};
