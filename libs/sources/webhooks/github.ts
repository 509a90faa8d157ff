import { z } from 'zod';
import { asideOf, type Dialect, header, refusal } from './dialect';
import { commitId, movedRef, payloadText, pushOf, readBy } from './payload';
import { hmacSha256, isMadeByOne } from './signature';

const push = z.object({
  ref: payloadText,
  after: commitId.optional(),
  deleted: z.boolean().optional(),
  repository: z.object({
    clone_url: payloadText.optional(),
    ssh_url: payloadText.optional(),
    html_url: payloadText.optional(),
  }),
});

export const github: Dialect = {
  name: 'GitHub',
  proof: 'X-Hub-Signature-256',
  speaks: (request) => header(request, 'x-hub-signature-256') !== undefined,
  refuse: ({ request, secrets }) => {
    const given = header(request, 'x-hub-signature-256');
    const make = (secret: string): string => `sha256=${hmacSha256(secret, request.body).toString('hex')}`;
    return isMadeByOne(secrets, given, make)
      ? undefined
      : refusal(401, 'X-Hub-Signature-256 does not match the secret of this source');
  },
  aside: (request) => asideOf(header(request, 'x-github-event'), { pushes: ['push'], pings: ['ping'] }),
  read: (json) =>
    readBy(push, json, ({ ref, after, deleted, repository }) => {
      const urls = [repository.clone_url, repository.ssh_url, repository.html_url];
      return pushOf(urls, [movedRef(ref, deleted === true ? undefined : after)]);
    }),
};
