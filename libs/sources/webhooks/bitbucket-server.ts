import { z } from 'zod';
import { eventOf, refuseBitbucket, speaksBitbucket } from './bitbucket';
import { asideOf, type Dialect } from './dialect';
import { commitId, maxMovedRefs, movedRef, payloadText, pushOf, readBy } from './payload';

const push = z.object({
  repository: z.object({
    links: z
      .object({
        clone: z
          .array(z.object({ href: payloadText }))
          .max(20)
          .optional(),
      })
      .optional(),
  }),
  changes: z
    .array(
      z.object({
        ref: z.object({ id: payloadText }).optional(),
        refId: payloadText.optional(),
        toHash: commitId.optional(),
        type: z.string().max(100).optional(),
      }),
    )
    .max(maxMovedRefs),
});

/** Bitbucket Server and Data Center. Older ones send no addresses: then the push is taken as one to the hook's source. */
export const bitbucketServer: Dialect = {
  name: 'Bitbucket Server',
  proof: 'X-Hub-Signature',
  speaks: speaksBitbucket,
  refuse: refuseBitbucket,
  aside: (request) => asideOf(eventOf(request), { pushes: ['repo:refs_changed'], pings: ['diagnostics:ping'] }),
  read: (json) =>
    readBy(push, json, ({ repository, changes }) =>
      pushOf(
        repository.links?.clone?.map(({ href }) => href) ?? [],
        changes.flatMap(({ ref, refId, toHash, type }) => {
          const name = ref?.id ?? refId;
          return name === undefined ? [] : [movedRef(name, type === 'DELETE' ? undefined : toHash)];
        }),
      ),
    ),
};
