import { createHash, randomUUID } from 'node:crypto';
import { decodeJoinToken } from '#libs/protocol/join';
import { HubKeys } from '#src/hub/security/hub-keys';
import { startTestHub, type TestHub } from '#test/harness/hub';

describe('clusters', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub({ agents: { joinTokenMinutes: 30 } });
  });
  afterAll(() => hub.stop());

  const register = (name: string, region = 'eu', labels = {}) =>
    hub.request.post('/api/v1/clusters').send({ metadata: { name, labels }, spec: { region } });

  it('are registered with a join command that is shown once and stored as a hash', async () => {
    const answer = await register('fra-1', 'eu-central', { tier: 'web', 'example.com/zone': 'a' });
    expect(answer.status).toBe(201);
    expect(answer.headers['location']).toBe('/api/v1/clusters/fra-1');
    expect(answer.headers['etag']).toBe('W/"1"');
    expect(answer.body).toMatchObject({
      apiVersion: 'flotilla.dev/v1',
      kind: 'Cluster',
      metadata: { name: 'fra-1', labels: { tier: 'web' }, version: 1 },
      spec: { region: 'eu-central', serviceAccount: 'flotilla-system/flotilla-platform', cordoned: false },
      status: { lifecycle: 'registered', connection: 'pending', facts: {}, hosted: false },
    });
    const { joinToken, joinCommand, expiresAt } = answer.body.join;
    expect(joinCommand).toBe(`flotilla agent run --hub ${hub.url} --join-token ${joinToken}`);
    expect(Date.parse(expiresAt) - Date.parse(answer.body.metadata.createdAt)).toBeCloseTo(30 * 60_000, -4);

    const decoded = decodeJoinToken(joinToken);
    if (!decoded.ok) throw new Error(decoded.message);
    expect(decoded.token.cluster).toBe(answer.body.metadata.id);
    expect(decoded.token.rootKey).toBe(hub.app.get(HubKeys).rootKeyDigest);
    const stored = await hub.database.query<{ token_hash: Buffer }>(
      'SELECT token_hash FROM join_tokens WHERE cluster_id = $1',
      [answer.body.metadata.id],
    );
    expect(stored).toEqual([{ token_hash: createHash('sha256').update(decoded.token.secret).digest() }]);

    const shown = await hub.request.get('/api/v1/clusters/fra-1');
    expect(shown.body.join).toBeUndefined();
    const { join: _, ...cluster } = answer.body;
    expect(shown.body).toEqual(cluster);
    expect(
      await hub.database.query('SELECT dirty FROM roots WHERE cluster_id = $1', [answer.body.metadata.id]),
    ).toHaveLength(1);
  });

  it('have one name each', async () => {
    await register('twice');
    const answer = await register('twice');
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'https://flotilla.dev/problems/conflict',
      detail: expect.stringContaining('twice'),
    });
  });

  it.each([
    [{ metadata: { name: 'Not_A_Name' }, spec: { region: 'eu' } }, 'metadata.name', 'lower-case'],
    [{ metadata: { name: 'a' }, spec: {} }, 'spec.region', 'is missing'],
    [{ metadata: { name: 'a' }, spec: { region: 'eu', regoin: 'eu' } }, 'spec.regoin', 'did you mean "region"?'],
    [{ metadata: { name: 'a', lables: {} }, spec: { region: 'eu' } }, 'metadata.lables', 'did you mean "labels"?'],
    [{ metadata: { name: 'a', labels: { 'not a key': 'x' } }, spec: { region: 'eu' } }, 'metadata.labels', 'key'],
    [{ kind: 'Source', metadata: { name: 'a' }, spec: { region: 'eu' } }, 'kind', 'Cluster'],
  ])('are refused where %j is wrong', async (body, field, message) => {
    const answer = await hub.request.post('/api/v1/clusters').send(body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const error = answer.body.errors.find((each: { field: string }) => each.field.startsWith(field));
    expect(error).toBeDefined();
    expect(error.message).toContain(message);
  });

  it('are changed by merge patches, on the version that was read', async () => {
    await register('patch-me', 'eu', { keep: 'a', drop: 'b' });
    const changed = await hub.request
      .patch('/api/v1/clusters/patch-me')
      .set('if-match', 'W/"1"')
      .set('content-type', 'application/merge-patch+json')
      .send(
        JSON.stringify({
          metadata: { labels: { drop: null, add: 'c' } },
          spec: { serviceAccount: 'flotilla/platform' },
        }),
      );
    expect(changed.status).toBe(200);
    expect(changed.headers['etag']).toBe('W/"2"');
    expect(changed.body.metadata.labels).toEqual({ keep: 'a', add: 'c' });
    expect(changed.body.spec).toEqual({ region: 'eu', serviceAccount: 'flotilla/platform', cordoned: false });

    const late = await hub.request
      .patch('/api/v1/clusters/patch-me')
      .set('if-match', 'W/"1"')
      .send({ spec: { cordoned: true } });
    expect(late.status).toBe(412);
    expect(late.body.detail).toContain('version 2');

    const same = await hub.request.patch('/api/v1/clusters/patch-me').send({ metadata: { labels: { keep: 'a' } } });
    expect(same.headers['etag']).toBe('W/"2"');
  });

  it('are replaced by a whole document under their own name', async () => {
    await register('replace-me', 'eu', { old: 'x' });
    const body = { metadata: { name: 'replace-me', labels: { fresh: 'y' } }, spec: { region: 'us', cordoned: true } };
    const answer = await hub.request.put('/api/v1/clusters/replace-me').send(body);
    expect(answer.body).toMatchObject({ metadata: { labels: { fresh: 'y' } }, spec: { region: 'us', cordoned: true } });
    const wrong = await hub.request.put('/api/v1/clusters/replace-me').send({ ...body, metadata: { name: 'other' } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors[0].field).toBe('metadata.name');
  });

  it('are told from heartbeats: pending, online or unknown', async () => {
    const { body } = await register('pulse');
    const connection = async () => (await hub.request.get('/api/v1/clusters/pulse')).body.status;
    expect((await connection()).connection).toBe('pending');
    await hub.database.execute(`UPDATE clusters SET lifecycle = 'joined', joined_at = now() WHERE name = 'pulse'`);
    expect((await connection()).connection).toBe('unknown');
    await hub.database.execute(
      'INSERT INTO heartbeats (cluster_id, session, sequence, epoch, generation, received_at) VALUES ($1, 1, 1, 1, 4, now())',
      [body.metadata.id],
    );
    expect(await connection()).toMatchObject({ connection: 'online', root: { held: { epoch: 1, generation: 4 } } });
    await hub.database.execute(
      `UPDATE heartbeats SET received_at = now() - interval '10 minutes', trouble = 'root expired' WHERE cluster_id = $1`,
      [body.metadata.id],
    );
    const silent = await connection();
    expect(silent).toMatchObject({ connection: 'unknown', trouble: 'root expired' });
    expect(silent.silentSeconds).toBeGreaterThanOrEqual(600);
  });

  it('of other regions are neither seen nor changed by a token for some', async () => {
    await register('mine', 'eu');
    await register('theirs', 'us');
    const scoped = await hub.as({ role: 'operator', scope: { regions: ['eu'] } });
    const list = await scoped.get('/api/v1/clusters');
    const regions = new Set(list.body.items.map((item: { spec: { region: string } }) => item.spec.region));
    expect(regions).toEqual(new Set(['eu']));
    expect((await scoped.get('/api/v1/clusters/theirs')).status).toBe(404);
    expect((await scoped.post('/api/v1/clusters/theirs/cordon')).status).toBe(404);
    expect((await scoped.patch('/api/v1/clusters/mine').send({ spec: { region: 'us' } })).status).toBe(403);
    expect(
      (await scoped.post('/api/v1/clusters').send({ metadata: { name: 'x' }, spec: { region: 'us' } })).status,
    ).toBe(403);
    expect((await scoped.post('/api/v1/clusters/mine/cordon')).body.spec.cordoned).toBe(true);

    const forApplication = await hub.as({ role: 'operator', scope: { applications: ['shop'] } });
    expect((await forApplication.get('/api/v1/clusters/theirs')).status).toBe(200);
    expect((await forApplication.post('/api/v1/clusters/theirs/cordon')).status).toBe(403);
  });

  it('are revoked, and may then join again with another key by a new token', async () => {
    const { body } = await register('stolen');
    const keyId = randomUUID();
    await hub.database.execute(
      `UPDATE clusters SET lifecycle = 'joined', joined_at = now(), agent_key = 'k', agent_key_id = $2 WHERE id = $1`,
      [body.metadata.id, keyId],
    );
    const operator = await hub.as({ role: 'operator' });
    expect((await operator.post('/api/v1/clusters/stolen/revoke')).status).toBe(403);
    expect((await hub.request.post('/api/v1/clusters/stolen/revoke')).body.status.lifecycle).toBe('revoked');
    expect(await hub.database.query('SELECT 1 FROM join_tokens WHERE cluster_id = $1', [body.metadata.id])).toEqual([]);

    expect((await operator.post('/api/v1/clusters/stolen/join-token')).status).toBe(403);
    const renewed = await hub.request.post('/api/v1/clusters/stolen/join-token');
    expect(renewed.status).toBe(201);
    expect(renewed.body.status).toMatchObject({ lifecycle: 'registered' });
    expect(renewed.body.status.agentKeyId).toBeUndefined();
    expect(renewed.body.join.joinToken).not.toBe(body.join.joinToken);
  });
});
