import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FetchStage } from './fetch.stage';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';

const token = 'ghp_0123456789abcdefghij';
const webhookSecret = 'a-secret-of-some-length';

describe('sources', () => {
  let hub: TestHub;
  let folder: string;
  let repository: TestRepository;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-sources-'));
    repository = await makeRepository(folder);
    await repository.commit({ 'a.yaml': 'a: 1\n' }, 'The first one');
    hub = await startTestHub();
  });
  afterAll(async () => {
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = (name: string, spec: object) => hub.request.post('/api/v1/sources').send({ metadata: { name }, spec });
  const put = (name: string, spec: object) =>
    hub.request.put(`/api/v1/sources/${name}`).send({ metadata: { name }, spec });
  const get = async (name: string) => (await hub.request.get(`/api/v1/sources/${name}`).expect(200)).body;
  const audit = async (name: string) =>
    (await hub.request.get(`/api/v1/audit?resourceKind=Source&resourceName=${name}`).expect(200)).body.items;
  const due = async (name: string) =>
    await hub.database.one<{ fetch_due: number; version: number }>(
      'SELECT fetch_due, version FROM sources WHERE name = $1',
      [name],
    );
  /** So that no stage fetches it while the test counts. */
  const lease = (name: string) =>
    hub.database.execute(`UPDATE sources SET leased_until = now() + interval '1 hour' WHERE name = $1`, [name]);
  const underWay = (name: string) =>
    hub.database.query(
      'SELECT 1 FROM sources WHERE name = $1 AND (leased_until IS NOT NULL OR fetch_done < fetch_due)',
      [name],
    );
  const idle = (name: string) =>
    hub.database.execute(
      `UPDATE sources SET leased_until = NULL, fetch_done = fetch_due, next_poll_at = now() + interval '1 day' WHERE name = $1`,
      [name],
    );

  it('are read as soon as they are created, and say what was found', async () => {
    const answer = await create('fresh', { url: folder });
    expect(answer.status).toBe(201);
    expect(answer.headers['etag']).toBe('W/"1"');
    expect(answer.headers['location']).toBe('/api/v1/sources/fresh');
    expect(answer.body.spec).toEqual({ url: folder, revision: { branch: 'main' }, pollSeconds: 60 });
    expect(answer.body.status).toMatchObject({ state: 'pending', credentialsSet: false, webhookSecretSet: false });
    await eventually(async () => {
      expect((await get('fresh')).status).toMatchObject({ state: 'ready', revision: 'main', subject: 'The first one' });
    });
    expect((await create('fresh', { url: folder })).status).toBe(409);
  });

  it('keep credentials and webhook secrets sealed, and never tell them', async () => {
    const credentials = { kind: 'token', token };
    const made = await create('sealed', { url: 'https://git.invalid/fleet.git', credentials, webhookSecret });
    expect(made.status).toBe(201);
    expect(made.body.status).toMatchObject({ credentialsSet: true, webhookSecretSet: true });
    const row = await hub.database.one<{ credentials_sealed: Buffer; text: string }>(
      'SELECT credentials_sealed, sources::text AS text FROM sources WHERE name = $1',
      ['sealed'],
    );
    expect(row?.credentials_sealed.toString('latin1')).not.toContain(token);

    const kept = await put('sealed', { url: 'https://git.invalid/other.git' });
    expect(kept.body.status).toMatchObject({ credentialsSet: true, webhookSecretSet: true });
    const removed = await put('sealed', {
      url: 'https://git.invalid/other.git',
      credentials: null,
      webhookSecret: null,
    });
    expect(removed.body.status).toMatchObject({ credentialsSet: false, webhookSecretSet: false });

    const events = await audit('sealed');
    expect(events.map((event: { action: string }) => event.action)).toEqual([
      'source.update',
      'source.update',
      'source.create',
    ]);
    expect(events[2].after).toMatchObject({
      credentialsKind: 'token',
      credentialsChanged: true,
      webhookSecretChanged: true,
    });
    const shown =
      [made, kept, removed].map(({ text }) => text).join() + JSON.stringify(events) + hub.logs.join() + row?.text;
    expect(shown).not.toContain(token);
    expect(shown).not.toContain(webhookSecret);
  });

  it('are mended by declaring them again where what is sealed cannot be opened', async () => {
    const spec = { url: 'https://git.invalid/fleet.git', credentials: { kind: 'token', token }, webhookSecret };
    await create('damaged', spec).expect(201);
    await hub.database.execute(
      `UPDATE sources SET credentials_sealed = '\\x0102', webhook_secret_sealed = '\\x0102' WHERE name = 'damaged'`,
    );
    await hub.anonymous
      .post('/webhooks/damaged')
      .set({ 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })
      .send('{}')
      .expect(401);
    expect((await put('damaged', spec).expect(200)).body.metadata.version).toBe(2);
    expect((await put('damaged', spec).expect(200)).body.metadata.version).toBe(2);
  });

  it('do not send stored credentials to another host', async () => {
    const credentials = { kind: 'token', token };
    await create('moved', { url: 'https://git.invalid/fleet.git', credentials }).expect(201);
    const refused = await put('moved', { url: 'https://elsewhere.invalid/fleet.git' });
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].field).toBe('spec.credentials');
    await put('moved', { url: 'https://elsewhere.invalid/fleet.git', credentials }).expect(200);
  });

  it('are read anew when what they follow changes, and change nothing when it does not', async () => {
    await create('edited', { url: folder }).expect(201);
    await eventually(async () => expect((await get('edited')).status.state).toBe('ready'));
    await lease('edited');
    const before = await due('edited');

    const same = await put('edited', { url: folder, revision: { branch: 'main' } });
    expect(same.headers['etag']).toBe('W/"1"');
    expect(await due('edited')).toEqual(before);

    const slower = await put('edited', { url: folder, pollSeconds: 600 });
    expect(slower.body.status.state).toBe('ready');
    expect(await due('edited')).toEqual({ fetch_due: before?.fetch_due, version: 2 });

    const other = await put('edited', { url: folder, pollSeconds: 600, revision: { branch: 'none' } });
    expect(other.body.status).toMatchObject({ state: 'pending', subject: 'The first one' });
    expect(await due('edited')).toEqual({ fetch_due: Number(before?.fetch_due) + 1, version: 3 });
    await hub.database.execute(`UPDATE sources SET leased_until = NULL WHERE name = 'edited'`);
    await eventually(async () => {
      const { status } = await get('edited');
      expect(status).toMatchObject({ state: 'failing', subject: 'The first one', failingSince: expect.any(String) });
      expect(status.message).toContain('no branch "none"');
    });
    await hub.request
      .put('/api/v1/sources/edited')
      .set('if-match', 'W/"1"')
      .send({ metadata: { name: 'edited' }, spec: { url: folder } })
      .expect(412);
  });

  it.each([
    [{ url: 'http://git.invalid/x' }, 'spec.url', 'https://'],
    [{ url: 'https://user:pass@git.invalid/x' }, 'spec.url', 'credentials'],
    [{ url: 'https://git.invalid/x', credentials: { kind: 'ssh', privateKey: 'x' } }, 'spec.credentials.kind', 'basic'],
    [{ url: 'https://git.invalid/x', webhookSecret: 'short' }, 'spec.webhookSecret', '16'],
    [{ url: 'https://git.invalid/x', revision: { branch: 'a..b' } }, 'spec.revision.branch', 'no valid name'],
    [{ url: 'https://git.invalid/x', polSeconds: 5 }, 'spec.polSeconds', 'pollSeconds'],
  ])('are refused where %j is wrong', async (spec, field, message) => {
    const answer = await create('wrong', spec);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe(field);
    expect(answer.body.errors[0].message).toContain(message);
    expect(answer.text).not.toContain('user:pass');
  });

  it('stay while applications use them, and go after', async () => {
    await create('used', { url: folder }).expect(201);
    const application = { metadata: { name: 'user' }, spec: { source: 'used', placement: { all: true } } };
    await hub.request.post('/api/v1/applications').send(application).expect(201);
    const refused = await hub.request.delete('/api/v1/sources/used');
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain('user');
    await hub.request.delete('/api/v1/applications/user').expect(200);
    await hub.request.delete('/api/v1/sources/used').expect(200);
    await hub.request.get('/api/v1/sources/used').expect(404);
    expect((await audit('used'))[0].action).toBe('source.delete');
  });

  it('are read at once when asked for, and are changed by tokens without a scope only', async () => {
    await create('asked', { url: folder }).expect(201);
    await lease('asked');
    const before = await due('asked');
    const viewer = await hub.as({ role: 'viewer' });
    await viewer.post('/api/v1/sources/asked/refresh').expect(403);
    await hub.request.post('/api/v1/sources/asked/refresh').expect(202);
    expect((await due('asked'))?.fetch_due).toBe(Number(before?.fetch_due) + 1);
    expect((await audit('asked'))[0].action).toBe('source.refresh');
    const scoped = await hub.as({ role: 'operator', scope: { applications: ['shop'] } });
    await scoped.get('/api/v1/sources/asked').expect(200);
    await scoped.delete('/api/v1/sources/asked').expect(403);
  });

  it('are listed in pages by name', async () => {
    const first = await hub.request.get('/api/v1/sources?limit=2').expect(200);
    const second = await hub.request.get(`/api/v1/sources?limit=2&cursor=${first.body.nextCursor}`).expect(200);
    const names = [...first.body.items, ...second.body.items].map((item) => item.metadata.name);
    expect(names).toHaveLength(4);
    expect(names).toEqual([...names].sort());
  });

  describe('by webhook', () => {
    const push = (ref = 'refs/heads/main') =>
      JSON.stringify({ ref, after: 'a'.repeat(40), repository: { clone_url: `file://${folder}` } });
    const send = (name: string, body: string, secret = webhookSecret, type = 'application/json') =>
      hub.anonymous
        .post(`/webhooks/${name}`)
        .set('content-type', type)
        .set('x-github-event', 'push')
        .set('x-hub-signature-256', `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
        .send(body);
    beforeAll(async () => {
      await create('hooked', { url: folder, webhookSecret, pollSeconds: 86_400 }).expect(201);
      await eventually(async () => expect((await get('hooked')).status.state).toBe('ready'));
    });

    it('are read as GitHub tells them of a push, long before their next turn', async () => {
      const commit = await repository.commit({ 'a.yaml': 'a: 2\n' }, 'The second one');
      const answer = await send('hooked', push());
      expect(answer.status).toBe(202);
      expect(answer.body.fetching).toBe(true);
      await eventually(async () => expect((await get('hooked')).status.commit).toBe(commit));
    });

    it('take the generic form', async () => {
      const body = JSON.stringify({ ref: 'main' });
      const timestamp = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', webhookSecret).update(`${timestamp}.${body}`).digest('hex');
      const answer = await hub.anonymous
        .post('/webhooks/hooked')
        .set({ 'content-type': 'application/json', 'x-flotilla-timestamp': String(timestamp) })
        .set('x-flotilla-signature', `sha256=${signature}`)
        .send(body);
      expect(answer.status).toBe(202);
      expect(answer.body.fetching).toBe(true);
    });

    it('coalesce a flood: one reading that waits covers all pushes before it, and one under way none', async () => {
      // A reading that is under way would end the lease below.
      await eventually(async () => expect(await underWay('hooked')).toEqual([]));
      const stage = jest.spyOn(hub.app.get(FetchStage, { strict: false }), 'runOnce').mockResolvedValue(0);
      await idle('hooked');
      const before = Number((await due('hooked'))?.fetch_due);
      const flood = await Promise.all(Array.from({ length: 20 }, () => send('hooked', push())));
      expect(flood.map(({ status, body }) => [status, body.fetching])).toEqual(flood.map(() => [202, true]));
      expect((await due('hooked'))?.fetch_due).toBe(before + 1);
      await lease('hooked');
      await send('hooked', push()).expect(202);
      expect((await due('hooked'))?.fetch_due).toBe(before + 2);
      await idle('hooked');
      stage.mockRestore();
    });

    it('do nothing for another branch, and say why', async () => {
      await idle('hooked');
      const before = await due('hooked');
      const answer = await send('hooked', push('refs/heads/topic'));
      expect(answer.status).toBe(202);
      expect(answer.body).toEqual({ fetching: false, message: expect.stringContaining('branch main') });
      expect(await due('hooked')).toEqual(before);
    });

    it('are refused where the signature is wrong, in the same way whether the source exists or not', async () => {
      const wrong = await send('hooked', push(), 'another-secret-altogether');
      const none = await send('no-such-source', push());
      for (const answer of [wrong, none]) {
        expect(answer.status).toBe(401);
        expect(answer.headers['content-type']).toContain('application/problem+json');
      }
      expect(wrong.body.detail).toBe(none.body.detail);
      await send('hooked', push(), webhookSecret, 'text/plain').expect(415);
      await send('hooked', 'x'.repeat(1024 * 1024 + 1)).expect(413);
      expect(hub.logs.join()).not.toContain(webhookSecret);
    });
  });
});
