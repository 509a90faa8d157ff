import { randomBytes, randomUUID } from 'node:crypto';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { ClusterRemoval } from './cluster-removal.service';

describe('a cluster that leaves the fleet', () => {
  let hub: TestHub;
  let applicationId: string;

  beforeAll(async () => {
    hub = await startTestHub();
    const sourceId = randomUUID();
    applicationId = randomUUID();
    const { database } = hub;
    await database.execute(`INSERT INTO sources (id, name, spec, next_poll_at) VALUES ($1, 'shop', '{}', 'infinity')`, [
      sourceId,
    ]);
    // Far ahead, so that no stage takes it up.
    await database.execute(
      `INSERT INTO applications (id, name, source_id, spec, evaluate_done, authorise_done) VALUES ($1, 'shop', $2, '{}', 1000, 1000)`,
      [applicationId, sourceId],
    );
  });
  afterAll(() => hub.stop());

  /** With an agent that has joined and been heard, and one target. */
  async function joined(name: string): Promise<{ id: string; keyId: string }> {
    const { body } = await hub.request.post('/api/v1/clusters').send({ metadata: { name }, spec: { region: 'eu' } });
    const id: string = body.metadata.id;
    const keyId = randomBytes(8).toString('hex');
    const { database } = hub;
    await database.execute(
      `UPDATE clusters SET lifecycle = 'joined', joined_at = now(), agent_key = $2, agent_key_id = $3 WHERE id = $1`,
      [id, randomBytes(32).toString('base64url'), keyId],
    );
    await database.execute('INSERT INTO heartbeats VALUES ($1, 1, 1, 1, 1, now())', [id]);
    await database.execute(
      `INSERT INTO targets (application_id, cluster_id, placed, reason) VALUES ($1, $2, true, 'test')`,
      [applicationId, id],
    );
    await database.execute(
      `INSERT INTO assignments (application_id, cluster_id, removal, trace_id) VALUES ($1, $2, 'delete', 'test')`,
      [applicationId, id],
    );
    return { id, keyId };
  }

  const dues = async () =>
    await hub.database.one<{ evaluate_due: number; authorise_due: number }>(
      'SELECT evaluate_due, authorise_due FROM applications WHERE id = $1',
      [applicationId],
    );
  const count = async (table: string, id: string) =>
    (await hub.database.query(`SELECT 1 FROM ${table} WHERE cluster_id = $1`, [id])).length;

  it('goes at once when its workloads are left, and its key is remembered as that of a former one', async () => {
    const { id, keyId } = await joined('leaving');
    const before = await dues();
    const answer = await hub.request.delete('/api/v1/clusters/leaving');
    expect(answer.body).toEqual({ name: 'leaving', workloads: 'leave', state: 'deregistered' });
    expect((await hub.request.get('/api/v1/clusters/leaving')).status).toBe(404);
    for (const table of ['targets', 'roots', 'heartbeats', 'join_tokens']) expect(await count(table, id)).toBe(0);
    expect(await hub.database.query('SELECT cluster_name FROM former_agent_keys WHERE key_id = $1', [keyId])).toEqual([
      { cluster_name: 'leaving' },
    ]);
    const after = await dues();
    expect(after?.evaluate_due).toBeGreaterThan(before?.evaluate_due ?? 0);
    expect(after?.authorise_due).toBeGreaterThan(before?.authorise_due ?? 0);
    await hub.request
      .post('/api/v1/clusters')
      .send({ metadata: { name: 'leaving' }, spec: { region: 'eu' } })
      .expect(201);
  });

  it('stays until its agent has removed everything, when that is asked', async () => {
    const { id, keyId } = await joined('removing');
    const answer = await hub.request.delete('/api/v1/clusters/removing').query({ workloads: 'remove' });
    expect(answer.body).toEqual({ name: 'removing', workloads: 'remove', state: 'deregistering' });
    const targets = await hub.database.query(
      'SELECT placed, removal, removal_confirmed_by FROM targets WHERE cluster_id = $1',
      [id],
    );
    expect(targets).toEqual([
      { placed: false, removal: 'delete', removal_confirmed_by: expect.stringMatching(/^token:admin:/) },
    ]);
    expect((await hub.request.get('/api/v1/clusters/removing')).body.status.lifecycle).toBe('deregistering');
    expect((await hub.request.patch('/api/v1/clusters/removing').send({ spec: { cordoned: true } })).status).toBe(409);

    const removal = hub.app.get(ClusterRemoval, { strict: false });
    await removal.finishDeregistration(id);
    await removal.finishDeregistration(id);
    expect((await hub.request.get('/api/v1/clusters/removing')).status).toBe(404);
    expect(await hub.database.query('SELECT 1 FROM former_agent_keys WHERE key_id = $1', [keyId])).toHaveLength(1);
    const { body } = await hub.request
      .get('/api/v1/audit')
      .query({ resourceName: 'removing', action: 'cluster.deregistered' });
    expect(body.items).toHaveLength(1);
    expect(body.items[0].actor).toBe('hub');
  });

  it('may be let go while a removal does not come to its end', async () => {
    await joined('stuck');
    await hub.request.delete('/api/v1/clusters/stuck').query({ workloads: 'remove' }).expect(200);
    const answer = await hub.request.delete('/api/v1/clusters/stuck').query({ workloads: 'leave' });
    expect(answer.body.state).toBe('deregistered');
  });

  it('is not finished unless it was begun', async () => {
    const { id } = await joined('staying');
    await hub.app.get(ClusterRemoval, { strict: false }).finishDeregistration(id);
    expect((await hub.request.get('/api/v1/clusters/staying')).status).toBe(200);
  });

  it('has nothing to remove when no agent ever joined, and cannot remove when it is revoked', async () => {
    await hub.request.post('/api/v1/clusters').send({ metadata: { name: 'never' }, spec: { region: 'eu' } });
    const never = await hub.request.delete('/api/v1/clusters/never').query({ workloads: 'remove' });
    expect(never.body.state).toBe('deregistered');
    await joined('revoked');
    await hub.request.post('/api/v1/clusters/revoked/revoke').expect(200);
    const revoked = await hub.request.delete('/api/v1/clusters/revoked').query({ workloads: 'remove' });
    expect(revoked.status).toBe(409);
    expect(revoked.body.detail).toContain('workloads=leave');
  });

  it('is an admin’s decision', async () => {
    const operator = await hub.as({ role: 'operator' });
    expect((await operator.delete('/api/v1/clusters/staying')).status).toBe(403);
    expect((await hub.request.delete('/api/v1/clusters/staying').query({ workloads: 'destroy' })).status).toBe(400);
  });
});
