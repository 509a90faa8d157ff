import { createHmac } from 'node:crypto';
import type { WebhookOutcome } from './dialect';
import { signWebhook } from './generic';
import { maxWebhookBodyBytes, readWebhook } from './read-webhook';

const secret = 'correct horse';
const now = new Date('2026-03-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const sha = 'a'.repeat(40);

const push = {
  ref: 'refs/heads/main',
  after: sha,
  deleted: false,
  repository: {
    clone_url: 'https://git.example.com/o/r.git',
    ssh_url: 'git@git.example.com:o/r.git',
    html_url: 'https://git.example.com/o/r',
  },
};

function github(payload: unknown, headers: Record<string, string> = {}, key = secret): WebhookOutcome {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const signature = `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
  const all = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature };
  return readWebhook({ headers: { ...all, ...headers }, body }, [secret], now);
}

function generic(payload: unknown, timestamp = seconds, headers: Record<string, string> = {}): WebhookOutcome {
  const body = Buffer.from(JSON.stringify(payload));
  const signature = signWebhook(secret, timestamp, body);
  const all = {
    'content-type': 'application/json; charset=utf-8',
    'x-flotilla-signature': signature,
    'x-flotilla-timestamp': String(timestamp),
  };
  return readWebhook({ headers: { ...all, ...headers }, body }, [secret], now);
}

describe("GitHub's webhook", () => {
  it('is a push with every address of the repository', () => {
    expect(github(push)).toEqual({
      ok: true,
      event: { kind: 'push', urls: Object.values(push.repository), refs: [{ ref: 'refs/heads/main', commit: sha }] },
    });
  });

  it('has no commit when the branch was deleted', () => {
    const outcome = github({ ...push, after: '0'.repeat(40), deleted: true });
    expect(outcome).toEqual({
      ok: true,
      event: { kind: 'push', urls: Object.values(push.repository), refs: [{ ref: 'refs/heads/main' }] },
    });
  });

  it('answers a ping, and passes over other events', () => {
    expect(github({ zen: '' }, { 'x-github-event': 'ping' })).toEqual({ ok: true, event: { kind: 'ping' } });
    expect(github({}, { 'x-github-event': 'issues' })).toMatchObject({ ok: true, event: { kind: 'ignored' } });
  });

  it('is refused before it is parsed when the signature is wrong or missing', () => {
    expect(github('{ no json', {}, 'another secret')).toMatchObject({ ok: false, status: 401 });
    expect(github(push, { 'x-hub-signature-256': 'sha256=00' })).toMatchObject({ ok: false, status: 401 });
    const unsigned = readWebhook(
      { headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') },
      [''],
      now,
    );
    expect(unsigned).toMatchObject({ ok: false, status: 401, message: /no signature/ });
  });

  it('is refused when there is no secret at all', () => {
    const body = Buffer.from('{}');
    const signature = `sha256=${createHmac('sha256', '').update(body).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
    expect(readWebhook({ headers, body }, [], now)).toMatchObject({ ok: false, status: 401 });
  });

  it('says what is wrong with an authentic one', () => {
    expect(github('{ no json')).toMatchObject({ ok: false, status: 400, message: /no JSON/ });
    expect(github({ ...push, ref: 1 })).toMatchObject({ ok: false, status: 400, message: /^ref: / });
    expect(github(push, { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      ok: false,
      status: 415,
      message: /application\/json/,
    });
  });

  it('reads no more than 1 MiB', () => {
    const outcome = github('x'.repeat(maxWebhookBodyBytes + 1));
    expect(outcome).toMatchObject({ ok: false, status: 413, message: /1 MiB/ });
  });
});

describe('the generic webhook', () => {
  it('may say nothing, or the address, ref and commit', () => {
    expect(generic({})).toEqual({ ok: true, event: { kind: 'push', urls: [], refs: [] } });
    expect(generic({ url: 'https://h/x', ref: 'refs/heads/main', commit: sha })).toEqual({
      ok: true,
      event: { kind: 'push', urls: ['https://h/x'], refs: [{ ref: 'refs/heads/main', commit: sha }] },
    });
    expect(generic({ branch: 'main' })).toMatchObject({ ok: false, status: 400 });
  });

  it('is refused when it is old, from the future, or its timestamp was changed', () => {
    expect(generic({}, seconds - 299)).toMatchObject({ ok: true });
    expect(generic({}, seconds - 301)).toMatchObject({ ok: false, status: 401, message: /clock/ });
    expect(generic({}, seconds + 301)).toMatchObject({ ok: false, status: 401 });
    expect(generic({}, seconds - 900, { 'x-flotilla-timestamp': String(seconds) })).toMatchObject({
      ok: false,
      status: 401,
      message: /does not match/,
    });
    expect(generic({}, seconds, { 'x-flotilla-timestamp': 'now' })).toMatchObject({ ok: false, status: 401 });
  });

  it('takes the old and the new secret while one is rotated', () => {
    const body = Buffer.from('{}');
    const headers = {
      'content-type': 'application/json',
      'x-flotilla-timestamp': String(seconds),
      'x-flotilla-signature': signWebhook('old', seconds, body),
    };
    expect(readWebhook({ headers, body }, ['new', 'old'], now)).toMatchObject({ ok: true });
    expect(readWebhook({ headers, body }, ['new'], now)).toMatchObject({ ok: false, status: 401 });
  });
});
