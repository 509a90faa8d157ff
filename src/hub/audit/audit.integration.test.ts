import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { TokensController } from '#src/hub/access/tokens.controller';
import { ClustersController } from '#src/hub/clusters/clusters.controller';
import { Database } from '#src/hub/database/database';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { Audit } from './audit';

type Call = (hub: TestHub) => Promise<{ status: number }>;

const cluster = (name: string) => ({ metadata: { name }, spec: { region: 'eu' } });
const revokeNew: Call = async ({ request }) => {
  const { body } = await request.post('/api/v1/tokens').send({ name: 'short', role: 'viewer' });
  return await request.delete(`/api/v1/tokens/${body.id}`);
};

/** A call for every handler that changes something, and what the audit must say of it. */
const changes: Record<string, [Call, string]> = {
  'TokensController.create': [
    ({ request }) => request.post('/api/v1/tokens').send({ name: 'a', role: 'viewer' }),
    'token.create',
  ],
  'TokensController.revoke': [revokeNew, 'token.revoke'],
  'ClustersController.register': [
    ({ request }) => request.post('/api/v1/clusters').send(cluster('new')),
    'cluster.register',
  ],
  'ClustersController.replace': [
    ({ request }) => request.put('/api/v1/clusters/a').send({ ...cluster('a'), spec: { region: 'us' } }),
    'cluster.update',
  ],
  'ClustersController.patch': [
    ({ request }) => request.patch('/api/v1/clusters/a').send({ metadata: { labels: { x: 'y' } } }),
    'cluster.update',
  ],
  'ClustersController.cordon': [({ request }) => request.post('/api/v1/clusters/a/cordon'), 'cluster.cordon'],
  'ClustersController.uncordon': [({ request }) => request.post('/api/v1/clusters/b/uncordon'), 'cluster.uncordon'],
  'ClustersController.renewJoinToken': [
    ({ request }) => request.post('/api/v1/clusters/a/join-token'),
    'cluster.join-token',
  ],
  'ClustersController.revoke': [({ request }) => request.post('/api/v1/clusters/c/revoke'), 'cluster.revoke'],
  'ClustersController.deregister': [({ request }) => request.delete('/api/v1/clusters/d'), 'cluster.deregistered'],
};

function changingHandlers(): string[] {
  return [TokensController, ClustersController].flatMap(({ prototype, name }) =>
    Object.getOwnPropertyNames(prototype)
      .map((key) => [key, (prototype as unknown as Record<string, object>)[key]] as const)
      .filter(([key]) => key !== 'constructor')
      .filter(([, handler]) => handler !== undefined && Reflect.hasMetadata(PATH_METADATA, handler))
      .filter(([, handler]) => Reflect.getMetadata(METHOD_METADATA, handler as object) !== RequestMethod.GET)
      .map(([key]) => `${name}.${key}`),
  );
}

describe('the audit', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    for (const name of ['a', 'b', 'c', 'd']) await hub.request.post('/api/v1/clusters').send(cluster(name)).expect(201);
    await hub.request.post('/api/v1/clusters/b/cordon').expect(200);
  });
  afterAll(() => hub.stop());

  const newest = async () => (await hub.request.get('/api/v1/audit').query({ limit: 1 })).body.items[0];

  it.each(changingHandlers())('has a row of %s', async (handler) => {
    const [call, action] = changes[handler] ?? [];
    if (call === undefined)
      throw new Error(`${handler} changes something: say in this test how, and what the audit says`);
    const before = await newest();
    const { status } = await call(hub);
    expect(status).toBeLessThan(300);
    const row = await newest();
    expect(row.id).toBeGreaterThan(before.id);
    expect(row).toMatchObject({
      action,
      actor: expect.stringMatching(/^token:admin:[0-9a-f]{8}$/),
      requestId: expect.any(String),
    });
    expect(JSON.stringify(row)).not.toMatch(/flt_|fj1\./);
  });

  it('has no row of what was refused or changed nothing', async () => {
    const before = await newest();
    await hub.request.post('/api/v1/clusters').send(cluster('a')).expect(409);
    await hub.request.post('/api/v1/clusters/a/cordon').expect(200);
    await hub.request.delete('/api/v1/clusters/nobody').expect(404);
    expect((await newest()).id).toBe(before.id);
  });

  it('says before and after', async () => {
    await hub.request.patch('/api/v1/clusters/b').send({ spec: { cordoned: true } });
    expect(await newest()).toMatchObject({
      resourceKind: 'Cluster',
      resourceName: 'b',
      before: { cordoned: false },
      after: { cordoned: true },
    });
  });

  it('is filtered, and pages from the newest on', async () => {
    const { body } = await hub.request.get('/api/v1/audit').query({ resourceKind: 'Cluster', resourceName: 'b' });
    const ids = body.items.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...ids].sort((x, y) => y - x));
    const paged: number[] = [];
    let cursor: string | undefined;
    do {
      const query = {
        resourceKind: 'Cluster',
        resourceName: 'b',
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await hub.request.get('/api/v1/audit').query(query);
      paged.push(...page.body.items.map(({ id }: { id: number }) => id));
      cursor = page.body.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(ids);
    expect((await hub.request.get('/api/v1/audit').query({ since: '2999-01-01T00:00:00Z' })).body.items).toEqual([]);
    const viewer = await hub.as({ role: 'viewer' });
    expect((await viewer.get('/api/v1/audit')).status).toBe(403);
  });

  it('goes with its change, and hides what is named like a secret', async () => {
    const audit = hub.app.get(Audit);
    const database = hub.app.get(Database);
    const entry = {
      action: 'test.try',
      resourceKind: 'Test',
      after: { password: 'hunter2', nested: [{ apiToken: 'x' }] },
    };
    const failing = database.transaction(async () => {
      await audit.record(entry);
      throw new Error('the change failed');
    });
    await expect(failing).rejects.toThrow('the change failed');
    expect((await newest()).action).not.toBe('test.try');
    await audit.record(entry);
    expect(await newest()).toMatchObject({
      actor: 'hub',
      after: { password: '[hidden]', nested: [{ apiToken: '[hidden]' }] },
    });
  });
});
