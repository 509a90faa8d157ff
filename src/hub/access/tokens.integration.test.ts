import { startTestHub, type TestHub } from '#test/harness/hub';

describe('API tokens', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  it('are made, shown once, listed without their secret, and revoked', async () => {
    const made = await hub.request.post('/api/v1/tokens').send({ name: 'ci', role: 'operator', expiresInDays: 7 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'ci',
      role: 'operator',
      state: 'active',
      createdBy: expect.stringMatching(/^token:admin:/),
    });
    expect(made.body.token).toMatch(/^flt_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
    const days = (Date.parse(made.body.expiresAt) - Date.parse(made.body.createdAt)) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);

    const bearer = { authorization: `Bearer ${made.body.token}` };
    expect((await hub.anonymous.get('/api/v1/caller').set(bearer)).body).toMatchObject({
      name: 'ci',
      role: 'operator',
    });

    const list = await hub.request.get('/api/v1/tokens');
    const listed = list.body.items.find((item: { id: string }) => item.id === made.body.id);
    expect(listed).toMatchObject({ name: 'ci', lastUsedAt: expect.any(String) });
    expect(JSON.stringify(list.body)).not.toContain(made.body.token.slice(40));

    expect((await hub.request.delete(`/api/v1/tokens/${made.body.id}`)).body).toMatchObject({ state: 'revoked' });
    const refused = await hub.anonymous.get('/api/v1/caller').set(bearer);
    expect(refused.status).toBe(401);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.headers['www-authenticate']).toContain('Bearer');
    expect(refused.body.detail).toContain('revoked');
  });

  it('live for at most a year', async () => {
    const answer = await hub.request.post('/api/v1/tokens').send({ name: 'ci', role: 'viewer', expiresInDays: 400 });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe('expiresInDays');
  });

  it('are refused when they have expired', async () => {
    const made = await hub.request.post('/api/v1/tokens').send({ name: 'old', role: 'viewer' });
    await hub.database.execute(`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      made.body.id,
    ]);
    const answer = await hub.anonymous.get('/api/v1/caller').set('authorization', `Bearer ${made.body.token}`);
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain('expired');
  });

  it('give no more than their role', async () => {
    const operator = await hub.as({ role: 'operator' });
    const answer = await operator.post('/api/v1/tokens').send({ name: 'more', role: 'admin' });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('needs the role admin');
  });

  it('with a scope make no tokens, for these could have none', async () => {
    const scoped = await hub.as({ role: 'admin', scope: { regions: ['eu'] } });
    expect((await scoped.post('/api/v1/tokens').send({ name: 'more', role: 'admin' })).status).toBe(403);
    expect((await scoped.get('/api/v1/audit')).status).toBe(403);
  });

  it('are written to the audit without their text', async () => {
    const made = await hub.request.post('/api/v1/tokens').send({ name: 'seen', role: 'viewer' });
    const audit = await hub.request.get('/api/v1/audit').query({ resourceKind: 'Token', resourceName: 'seen' });
    expect(audit.body.items).toHaveLength(1);
    expect(audit.body.items[0]).toMatchObject({ action: 'token.create', requestId: made.headers['x-request-id'] });
    expect(JSON.stringify(audit.body)).not.toContain(made.body.token);
    expect(hub.logs.join('')).not.toContain(made.body.token);
  });
});
