import { startTestHub, type TestHub } from '#test/harness/hub';
import { SimulatedFleet } from './testing/simulated-fleet';

describe('declarations of applications', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    const fleet = new SimulatedFleet(hub);
    await fleet.add('eu-1', { region: 'eu' });
    await fleet.add('us-1', { region: 'us' });
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'fleet' }, spec: { url: '/no/such/folder' } })
      .expect(201);
    for (const name of ['shop', 'vault']) await put(name).expect(201);
  });
  afterAll(() => hub?.stop());

  const document = (name: string, spec: object = {}) => ({
    metadata: { name },
    spec: { source: 'fleet', path: 'shop', placement: { all: true }, ...spec },
  });
  const put = (name: string, spec: object = {}) =>
    hub.request.put(`/api/v1/applications/${name}`).send(document(name, spec));

  it.each([
    [{ source: 'flete' }, 'spec.source', 'did you mean "fleet"?'],
    [{ placement: {} }, 'spec.placement', 'all: true'],
    [{ path: '../up' }, 'spec.path', 'relative'],
    [{ sync: { prun: true } }, 'spec.sync.prun', 'prune'],
  ])('are refused where %j is wrong', async (spec, field, message) => {
    const answer = await put('wrong', spec);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe(field);
    expect(answer.body.errors[0].message).toContain(message);
  });

  it('are seen and changed as far as the token goes', async () => {
    const viewer = await hub.as({ role: 'viewer' });
    await viewer.put('/api/v1/applications/shop').send(document('shop')).expect(403);
    const mine = await hub.as({ role: 'operator', scope: { applications: ['shop'] } });
    expect(
      (await mine.get('/api/v1/applications')).body.items.map(
        (item: { metadata: { name: string } }) => item.metadata.name,
      ),
    ).toEqual(['shop']);
    await mine.get('/api/v1/applications/vault').expect(404);
    await mine.get('/api/v1/applications/vault/explain').expect(404);
    await mine.delete('/api/v1/applications/vault').expect(404);
    await mine.put('/api/v1/applications/vault').send(document('vault')).expect(403);
    await mine.post('/api/v1/applications/shop/sync').expect(202);
    const european = await hub.as({ role: 'operator', scope: { regions: ['eu'] } });
    const explained = (await european.get('/api/v1/applications/shop/explain')).body.items;
    expect(explained.map(({ cluster }: { cluster: string }) => cluster)).toEqual(['eu-1']);
    await european.post('/api/v1/applications/shop/sync').expect(403);
  });

  it('are created once, whatever the network does', async () => {
    const send = () => hub.request.post('/api/v1/applications').set('idempotency-key', 'k-1').send(document('once'));
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.metadata.id).toBe(first.body.metadata.id);
    expect((await hub.request.post('/api/v1/applications').send(document('once'))).status).toBe(409);
    await hub.request.delete('/api/v1/applications/once').expect(200);
  });
});
