/** Payloads as the forges send them, cut to what a push has; each proves itself in its own way. */
import { createHmac } from 'node:crypto';
import type { WebhookOutcome } from './dialect';
import * as fixtures from './testing/fixtures';
import { dialectOf } from './registry';
import { readWebhook } from './read-webhook';

const secret = 'correct horse battery';
const signingToken = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const now = new Date('2026-03-01T12:00:00Z');
const hex = (body: Buffer, key = secret): string => createHmac('sha256', key).update(body).digest('hex');

type Sign = (body: Buffer, key?: string) => Record<string, string>;

const senders = {
  gitlab: (_body, key = secret) => ({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': key }),
  gitlabTag: (_body, key = secret) => ({ 'x-gitlab-event': 'Tag Push Hook', 'x-gitlab-token': key }),
  gitea: (body, key) => ({
    'x-gitea-event': 'push',
    'x-gitea-signature': hex(body, key),
    'x-gogs-event': 'push',
    'x-gogs-signature': hex(body, key),
    'x-github-event': 'push',
    'x-hub-signature': 'sha1=0000',
    'x-hub-signature-256': `sha256=${hex(body, key)}`,
  }),
  forgejo: (body, key) => ({
    'x-forgejo-event': 'push',
    'x-forgejo-signature': hex(body, key),
    'x-gitea-event': 'push',
  }),
  bitbucketCloud: (body, key) => ({
    'x-event-key': 'repo:push',
    'x-hook-uuid': '9a3d1c0e-6f6b-4b53-8a36-7d1f6f0a3c11',
    'x-hub-signature': `sha256=${hex(body, key)}`,
  }),
  bitbucketServer: (body, key) => ({
    'x-event-key': 'repo:refs_changed',
    'x-hub-signature': `sha256=${hex(body, key)}`,
  }),
  github: (body, key) => ({ 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hex(body, key)}` }),
} satisfies Record<string, Sign>;

function send(sign: Sign, payload: unknown, headers: Record<string, string> = {}, key?: string): WebhookOutcome {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const all = { 'content-type': 'application/json; charset=utf-8', ...sign(body, key), ...headers };
  return readWebhook({ headers: all, body }, [secret], now);
}

describe.each([
  [
    'GitLab',
    senders.gitlab,
    fixtures.gitlabPush,
    fixtures.gitlabUrls,
    [{ ref: 'refs/heads/main', commit: fixtures.after }],
  ],
  [
    'GitLab',
    senders.gitlabTag,
    fixtures.gitlabTag,
    fixtures.gitlabUrls,
    [{ ref: 'refs/tags/v1.2.0', commit: fixtures.after }],
  ],
  [
    'Gitea',
    senders.gitea,
    fixtures.giteaPush,
    fixtures.giteaUrls,
    [{ ref: 'refs/heads/main', commit: fixtures.after }],
  ],
  [
    'Gitea',
    senders.forgejo,
    fixtures.giteaPush,
    fixtures.giteaUrls,
    [{ ref: 'refs/heads/main', commit: fixtures.after }],
  ],
  [
    'Bitbucket Cloud',
    senders.bitbucketCloud,
    fixtures.bitbucketCloudPush,
    ['https://bitbucket.org/fleet/platform'],
    [{ ref: 'refs/heads/main', commit: fixtures.after }, { ref: 'refs/tags/v1' }],
  ],
  [
    'Bitbucket Server',
    senders.bitbucketServer,
    fixtures.bitbucketServerPush,
    ['ssh://git@git.example.com:7999/fleet/platform.git', 'https://git.example.com/scm/fleet/platform.git'],
    [{ ref: 'refs/heads/main', commit: fixtures.after }, { ref: 'refs/heads/old' }],
  ],
  [
    'GitHub',
    senders.github,
    fixtures.githubPush,
    fixtures.githubUrls,
    [{ ref: 'refs/heads/main', commit: fixtures.after }],
  ],
])("%s's webhook", (name, sign: Sign, payload, urls, refs) => {
  it('is recognised and read', () => {
    expect(dialectOf({ headers: sign(Buffer.alloc(0)), body: Buffer.alloc(0) })?.name).toBe(name);
    expect(send(sign, payload)).toEqual({ ok: true, event: { kind: 'push', urls, refs } });
  });

  it('is refused before it is parsed where the secret is another', () => {
    expect(send(sign, '{ no json', {}, 'another secret altogether')).toMatchObject({ ok: false, status: 401 });
    expect(readWebhook({ headers: sign(Buffer.from('{}'), ''), body: Buffer.from('{}') }, [], now)).toMatchObject({
      status: 401,
    });
  });

  it('says what is wrong with an authentic one', () => {
    expect(send(sign, '{ no json')).toMatchObject({ ok: false, status: 400, message: /no JSON/ });
    expect(send(sign, { repository: 1 })).toMatchObject({ ok: false, status: 400 });
    expect(send(sign, payload, { 'content-type': 'text/plain' })).toMatchObject({ ok: false, status: 415 });
  });
});

describe("GitLab's signing token", () => {
  const body = Buffer.from(JSON.stringify(fixtures.gitlabPush));
  const seconds = String(now.getTime() / 1000);
  const headers = (timestamp = seconds, id = 'msg_1'): Record<string, string> => ({
    'content-type': 'application/json',
    'x-gitlab-event': 'Push Hook',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', Buffer.alloc(32, 5))
      .update(`msg_1.${timestamp}.`)
      .update(body)
      .digest('base64')}`,
  });
  const read = (given: Record<string, string>, known = signingToken): WebhookOutcome =>
    readWebhook({ headers: given, body }, [known], now);

  it('signs id, time and body', () => {
    expect(read(headers())).toMatchObject({ ok: true, event: { kind: 'push' } });
    expect(read({ ...headers(), 'webhook-signature': `v1,AAAA ${headers()['webhook-signature']}` }).ok).toBe(true);
    expect(read(headers(seconds, 'msg_2'))).toMatchObject({ ok: false, status: 401 });
    expect(read({ ...headers(), 'webhook-timestamp': '1' })).toMatchObject({ ok: false, status: 401 });
    expect(read(headers(String(Number(seconds) - 301)))).toMatchObject({ ok: false, message: /clock/ });
    expect(read(headers(), 'whsec_AAAA')).toMatchObject({ ok: false, status: 401 });
  });

  it('is never taken as a token, and a plain secret never as a signing token', () => {
    expect(read({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': signingToken })).toMatchObject({ status: 401 });
    expect(read(headers(), secret)).toMatchObject({ ok: false, status: 401, message: /whsec_/ });
    expect(read({ ...headers(), 'x-gitlab-token': secret }, secret).ok).toBe(true);
  });
});

describe('an event that is no push', () => {
  it.each([
    [senders.gitlab, { 'x-gitlab-event': 'Merge Request Hook' }],
    [senders.gitea, { 'x-gitea-event': 'issues' }],
    [senders.bitbucketCloud, { 'x-event-key': 'pullrequest:created' }],
    [senders.bitbucketServer, { 'x-event-key': 'pr:opened' }],
  ])('is passed over, whatever it says', (sign, headers) => {
    expect(send(sign, '{ no json', headers as Record<string, string>)).toMatchObject({
      ok: true,
      event: { kind: 'ignored' },
    });
  });

  it('is passed over by what a system hook says in its body', () => {
    const headers = { 'x-gitlab-event': 'System Hook' };
    const other = { event_name: 'project_create', name: 'x' };
    expect(send(senders.gitlab, other, headers)).toMatchObject({ ok: true, event: { kind: 'ignored' } });
    const push = { ...fixtures.gitlabPush, object_kind: undefined, event_name: 'push' };
    expect(send(senders.gitlab, push, headers)).toMatchObject({ ok: true, event: { kind: 'push' } });
  });

  it('is a ping of Bitbucket Server', () => {
    const headers = { 'x-event-key': 'diagnostics:ping' };
    expect(send(senders.bitbucketServer, { test: true }, headers)).toEqual({ ok: true, event: { kind: 'ping' } });
  });
});

describe('a ref that was deleted', () => {
  const gone = '0'.repeat(40);
  it.each([
    [senders.gitlab, { ...fixtures.gitlabPush, after: gone, checkout_sha: null }],
    [senders.gitea, { ...fixtures.giteaPush, after: gone }],
    [senders.github, { ...fixtures.githubPush, after: gone, deleted: true }],
  ])('has no commit', (sign, payload) => {
    expect(send(sign, payload)).toMatchObject({ ok: true, event: { refs: [{ ref: 'refs/heads/main' }] } });
    expect(JSON.stringify(send(sign, payload))).not.toContain(gone);
  });
});
