import { startTestHub, type TestHub } from '#test/harness/hub';

describe('lists of clusters', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    const clusters = [
      ['eu-1', 'eu', { tier: 'web', zone: 'a' }],
      ['eu-2', 'eu', { tier: 'db', zone: 'b' }],
      ['us-1', 'us', { tier: 'web', canary: '' }],
      ['us-2', 'us', {}],
      ['ap-1', 'ap', { tier: 'web', zone: 'c' }],
    ] as const;
    for (const [name, region, labels] of clusters) {
      await hub.request.post('/api/v1/clusters').send({ metadata: { name, labels }, spec: { region } }).expect(201);
    }
    await hub.request.post('/api/v1/clusters/us-2/cordon').expect(200);
  });
  afterAll(() => hub.stop());

  const names = async (query: Record<string, string>): Promise<string[]> => {
    const answer = await hub.request.get('/api/v1/clusters').query(query);
    expect(answer.status).toBe(200);
    return answer.body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  };

  it('come in pages, in order, each item once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { body } = await hub.request
        .get('/api/v1/clusters')
        .query({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...body.items.map((item: { metadata: { name: string } }) => item.metadata.name));
      cursor = body.nextCursor;
      pages += 1;
      // What comes before the cursor does not move the next page.
      if (pages === 1)
        await hub.request.post('/api/v1/clusters').send({ metadata: { name: 'aa-0' }, spec: { region: 'ap' } });
    } while (cursor !== undefined);
    await hub.request.delete('/api/v1/clusters/aa-0').expect(200);
    expect(seen).toEqual(['ap-1', 'eu-1', 'eu-2', 'us-1', 'us-2']);
    expect(pages).toBe(3);
  });

  it.each([
    [{ region: 'eu' }, ['eu-1', 'eu-2']],
    [{ namePrefix: 'us' }, ['us-1', 'us-2']],
    [{ cordoned: 'true' }, ['us-2']],
    [{ cordoned: 'false', region: 'us' }, ['us-1']],
    [{ connection: 'pending', region: 'ap' }, ['ap-1']],
    [{ connection: 'online' }, []],
    [{ labelSelector: 'tier=web' }, ['ap-1', 'eu-1', 'us-1']],
    [{ labelSelector: 'tier!=web' }, ['eu-2', 'us-2']],
    [{ labelSelector: 'zone in (a, b)' }, ['eu-1', 'eu-2']],
    [{ labelSelector: 'zone notin (a),zone' }, ['ap-1', 'eu-2']],
    [{ labelSelector: 'canary' }, ['us-1']],
    [{ labelSelector: '!tier' }, ['us-2']],
    [{ labelSelector: 'tier=web,!zone' }, ['us-1']],
  ])('are filtered by %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each([
    [{ limit: '501' }, 'limit'],
    [{ limit: '0' }, 'limit'],
    [{ cursor: 'bm9uc2Vuc2U' }, 'cursor'],
    [{ labelSelector: 'tier in web' }, 'labelSelector'],
    [{ cordoned: 'maybe' }, 'cordoned'],
    [{ regions: 'eu' }, 'regions'],
  ])('refuse %j, and name the field', async (query, field) => {
    const answer = await hub.request.get('/api/v1/clusters').query(query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toBe(field);
  });
});
