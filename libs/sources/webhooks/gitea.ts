/**
 * Gitea, Forgejo and Gogs. They also send GitHub's headers for those who know nothing else, so this comes before it: a
 * ping of theirs is a push that says so only by its payload.
 */
import { z } from 'zod';
import { asideOf, type Dialect, header, refusal } from './dialect';
import { commitId, movedRef, payloadText, pushOf, readBy } from './payload';
import { hmacSha256, isMadeByOne } from './signature';

const signatures = ['x-forgejo-signature', 'x-gitea-signature', 'x-gogs-signature'];
const events = ['x-forgejo-event', 'x-gitea-event', 'x-gogs-event'];

const push = z.object({
  ref: payloadText,
  after: commitId.optional(),
  repository: z.object({
    clone_url: payloadText.optional(),
    ssh_url: payloadText.optional(),
    html_url: payloadText.optional(),
  }),
});

export const gitea: Dialect = {
  name: 'Gitea',
  proof: 'X-Gitea-Signature',
  speaks: (request) => signatures.some((name) => header(request, name) !== undefined),
  refuse: ({ request, secrets }) => {
    const given = signatures.map((name) => header(request, name)).find((value) => value !== undefined);
    const make = (secret: string): string => hmacSha256(secret, request.body).toString('hex');
    return isMadeByOne(secrets, given, make)
      ? undefined
      : refusal(401, 'X-Gitea-Signature does not match the secret of this source');
  },
  aside: (request) => {
    const name = events.map((event) => header(request, event)).find((value) => value !== undefined);
    return asideOf(name, { pushes: ['push'] });
  },
  read: (json) =>
    readBy(push, json, ({ ref, after, repository }) =>
      pushOf([repository.clone_url, repository.ssh_url, repository.html_url], [movedRef(ref, after)]),
    ),
};
