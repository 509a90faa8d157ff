/**
 * GitLab, in its two ways: the secret itself in `X-Gitlab-Token`, and, with a signing token (`whsec_` and 32 bytes in
 * base64), a signature over id, time and body as Standard Webhooks has it. Which one counts is what the secret looks like.
 */
import { z } from 'zod';
import { asideOf, type Authenticity, type Dialect, header, refusal, type WebhookRefusal } from './dialect';
import { commitId, movedRef, payloadText, pushOf, readBy } from './payload';
import { hmacSha256, isMadeByOne, staleness } from './signature';

const signingPrefix = 'whsec_';
const maxSignatures = 10;

const urls = z.object({
  git_http_url: payloadText.optional(),
  git_ssh_url: payloadText.optional(),
  web_url: payloadText.optional(),
  url: payloadText.optional(),
});
const push = z.object({
  object_kind: z.string().max(100).optional(),
  event_name: z.string().max(100).optional(),
  ref: payloadText.optional(),
  after: commitId.optional(),
  checkout_sha: commitId.nullish(),
  project: urls.optional(),
  repository: urls.optional(),
});

export const gitlab: Dialect = {
  name: 'GitLab',
  proof: 'X-Gitlab-Token',
  speaks: (request) =>
    header(request, 'x-gitlab-token') !== undefined ||
    (header(request, 'x-gitlab-event') !== undefined && header(request, 'webhook-signature') !== undefined),
  refuse,
  // System hooks tell of everything that an instance does, pushes among it.
  aside: (request) =>
    asideOf(header(request, 'x-gitlab-event'), { pushes: ['Push Hook', 'Tag Push Hook', 'System Hook'] }),
  read: (json) =>
    readBy(push, json, ({ object_kind, event_name, ref, after, checkout_sha, project, repository }) => {
      const name = object_kind ?? event_name ?? '';
      if (name !== 'push' && name !== 'tag_push') return { ok: true, event: { kind: 'ignored', name } };
      if (ref === undefined) return refusal(400, 'ref: is missing');
      const named = [project, repository].flatMap((at) => [at?.git_http_url, at?.git_ssh_url, at?.web_url, at?.url]);
      // `after` of an annotated tag is the tag; what it leads to is `checkout_sha`. Neither, of one that was deleted.
      const deleted = after !== undefined && /^0+$/.test(after);
      return pushOf(named, [movedRef(ref, deleted ? undefined : (checkout_sha ?? after))]);
    }),
};

function refuse({ request, secrets, now }: Authenticity): WebhookRefusal | undefined {
  const plain = secrets.filter((secret) => !secret.startsWith(signingPrefix));
  if (isMadeByOne(plain, header(request, 'x-gitlab-token'), (secret) => secret)) return undefined;
  const given = header(request, 'webhook-signature');
  if (given === undefined) return refusal(401, 'X-Gitlab-Token is not the secret of this source');
  const id = header(request, 'webhook-id') ?? '';
  const timestamp = header(request, 'webhook-timestamp') ?? '';
  const make = (secret: string): string | undefined => {
    const key = signingKey(secret);
    return key && `v1,${hmacSha256(key, `${id}.${timestamp}.`, request.body).toString('base64')}`;
  };
  const signatures = given.split(' ').slice(0, maxSignatures);
  if (!signatures.some((signature) => isMadeByOne(secrets, signature, make))) {
    return refusal(401, 'webhook-signature does not match: give the signing token (whsec_…) as webhookSecret');
  }
  const stale = staleness('webhook-timestamp', timestamp, now);
  return stale === undefined ? undefined : refusal(401, stale);
}

function signingKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(signingPrefix)) return undefined;
  const key = Buffer.from(secret.slice(signingPrefix.length), 'base64');
  return key.length < 16 ? undefined : key;
}
